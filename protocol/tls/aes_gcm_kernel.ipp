// AES-GCM, 128 or 256 bytes at a time. Included by a source that says what its registers hold, and
// how many of them are encrypted at once (Lanes): see aes_gcm_vaes.cpp.
//
// What encrypts one step and what hashes another need nothing of each other, and units of the
// processor of their own, so they are written in turn (Counter::next_step).
//
// GHASH as in "Intel Carry-Less Multiplication Instruction and its Usage for Computing the GCM
// Mode" (Gueron, Kounavis): bytes are reversed, so that bits are too, and a product is one bit too
// low; hash keys are multiplied by x for that beforehand. Each block of a step is multiplied by a
// power of H of its own, in three products instead of four (Karatsuba), and only their sum is
// reduced.

namespace sluice::tls {
namespace {

using Block = __m128i;
constexpr std::size_t block_size = 16;
constexpr std::size_t header_bytes = 5;
constexpr long long header_bits = 8 * header_bytes;
constexpr std::size_t vector_count = Lanes::at_once;
constexpr std::size_t vector_size = Lanes::count * block_size;
constexpr std::size_t step_blocks = vector_count * Lanes::count;
constexpr std::size_t step_size = step_blocks * block_size;
static_assert(step_blocks < GcmKey::powers && Lanes::count <= GcmKey::most_lanes);

/// Where there is nothing to copy, there need be no places.
void copy(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  if (size > 0) __builtin_memcpy(to, from, size);
}
Block load(const std::uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const Block*>(from));
}
void store(std::uint8_t* to, Block block) {
  _mm_storeu_si128(reinterpret_cast<Block*>(to), block);
}
Block reversed(Block block) {
  return _mm_shuffle_epi8(block,
                          _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/// The sum of both halves of a block, in each of them.
Lanes::Vector folded(Lanes::Vector vector) {
  return Lanes::add(vector, Lanes::swapped(vector));
}

/// Products that are not reduced: of the low halves, of the high ones, and of the sums of both.
struct Sum {
  Lanes::Vector low = Lanes::zero(), middle = Lanes::zero(), high = Lanes::zero();

  /// `halves`: folded(b).
  [[gnu::always_inline]] void add_product(Lanes::Vector a, Lanes::Vector b, Lanes::Vector halves) {
    low = Lanes::add(low, Lanes::multiply<0x00>(a, b));
    high = Lanes::add(high, Lanes::multiply<0x11>(a, b));
    middle = Lanes::add(middle, Lanes::multiply<0x00>(folded(a), halves));
  }

  /// Of blocks as they are in a text, and the powers of H from `power` on.
  [[gnu::always_inline]] void add_product(Lanes::Vector text, const GcmKey& key,
                                          std::size_t power) {
    add_product(text, Lanes::load(key.hash_powers[power]), Lanes::load(key.hash_halves[power]));
  }

  /// Modulo x^128 + x^7 + x^2 + x + 1.
  [[nodiscard]] Block reduced() const {
    const Block polynomial = _mm_set_epi64x(0, static_cast<long long>(0xc200000000000000));
    const auto fold = [&](Block into, Block from) {
      const Block swapped = _mm_shuffle_epi32(from, 0x4e);
      const Block product = _mm_clmulepi64_si128(from, polynomial, 0x00);
      return _mm_xor_si128(into, _mm_xor_si128(swapped, product));
    };
    const Block low_block = Lanes::together(low);
    const Block high_block = Lanes::together(high);
    const Block crossed =
        _mm_xor_si128(Lanes::together(middle), _mm_xor_si128(low_block, high_block));
    return fold(high_block, fold(crossed, low_block));
  }
};

/// The hash goes on with some blocks, at most as many as there are powers. What fills the last
/// register behind them does not count. One copy of it: a small record meets few lines of code.
[[gnu::noinline]] Block absorb(const GcmKey& key, Block hash, const std::uint8_t* blocks,
                               std::size_t count) {
  Sum sum;
  auto before = Lanes::first(hash);
  for (std::size_t i = 0; i < count; i += Lanes::count) {
    const auto text = Lanes::reversed(Lanes::load(blocks + i * block_size));
    sum.add_product(Lanes::add(text, before), key, GcmKey::powers - count + i);
    before = Lanes::zero();
  }
  return sum.reduced();
}

Block encrypted(const GcmKey& key, Block block) {
  block = _mm_xor_si128(block, load(key.round_keys[0]));
  for (unsigned i = 1; i < key.rounds; ++i) {
    block = _mm_aesenc_si128(block, load(key.round_keys[i]));
  }
  return _mm_aesenclast_si128(block, load(key.round_keys[key.rounds]));
}

/// What hides one step of a text.
class KeyStream {
 public:
  [[gnu::always_inline]] KeyStream(const GcmKey& key, Lanes::Vector& counter) {
    const auto first = Lanes::all(load(key.round_keys[0]));
    for (auto& vector : vectors_) {
      vector = Lanes::add(Lanes::reversed(counter), first);
      counter = Lanes::next(counter);
    }
  }

  [[gnu::always_inline]] void encrypt_round(const GcmKey& key, std::size_t i) {
    const auto round_key = Lanes::all(load(key.round_keys[i]));
    for (auto& vector : vectors_) vector = Lanes::encrypt_round(vector, round_key);
  }

  /// From round `i` to the end.
  [[gnu::always_inline]] void finish(const GcmKey& key, std::size_t i) {
    for (; i < key.rounds; ++i) encrypt_round(key, i);
    const auto last = Lanes::all(load(key.round_keys[key.rounds]));
    for (auto& vector : vectors_) vector = Lanes::encrypt_last(vector, last);
  }

  [[gnu::always_inline]] void hide(const std::uint8_t* from, std::uint8_t* to) const {
    for (std::size_t i = 0; i < vector_count; ++i) {
      const auto vector = Lanes::load(from + i * vector_size);
      Lanes::store(to + i * vector_size, Lanes::add(vector, vectors_[i]));
    }
  }

 private:
  Lanes::Vector vectors_[vector_count] = {};
};

/// The counter blocks of a record.
class Counter {
 public:
  explicit Counter(const std::uint8_t* nonce) {
    alignas(block_size) std::uint8_t block[block_size] = {};
    copy(block, nonce, 12);
    block[block_size - 1] = 1;
    first_ = load(block);
    next_ = Lanes::count_up(Lanes::all(reversed(first_)));
  }

  /// The block that hides the tag.
  [[nodiscard]] Block first() const { return first_; }

  [[gnu::always_inline]] KeyStream next_step(const GcmKey& key) {
    KeyStream stream(key, next_);
    stream.finish(key, 1);
    return stream;
  }

  /// The same, and the hash goes on with an encrypted step.
  [[gnu::always_inline]] KeyStream next_step(const GcmKey& key, Block& hash,
                                             const std::uint8_t* step) {
    constexpr std::size_t first_power = GcmKey::powers - step_blocks;
    constexpr std::size_t rounds_each = 8 / vector_count;  // all of AES-128's but one, and the last
    KeyStream stream(key, next_);
    Sum sum;
    auto before = Lanes::first(hash);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < vector_count; ++i) {
#pragma GCC unroll 2
      for (std::size_t j = 1; j <= rounds_each; ++j) stream.encrypt_round(key, i * rounds_each + j);
      const auto text = Lanes::reversed(Lanes::load(step + i * vector_size));
      sum.add_product(Lanes::add(text, before), key, first_power + i * Lanes::count);
      before = Lanes::zero();
    }
    stream.finish(key, 9);
    hash = sum.reduced();
    return stream;
  }

 private:
  Block first_;
  Lanes::Vector next_;  // with its bytes reversed, so that it can be added to
};

/// The end of a text, behind its steps: at most as much as one, and the lengths.
struct Rest {
  alignas(vector_size) std::uint8_t bytes[step_size + GcmKey::most_lanes * block_size] = {};

  /// The hash of all. `size`: how much of the text is here, of `all`; behind it there are zeros.
  Block absorb_in(const GcmKey& key, Block hash, std::size_t size, std::size_t all) {
    const std::size_t count = (size + block_size - 1) / block_size;
    const Block lengths = _mm_set_epi64x(header_bits, 8 * static_cast<long long>(all));
    store(bytes + count * block_size, reversed(lengths));
    return absorb(key, hash, bytes, count + 1);
  }
};

Block hash_of_header(const GcmKey& key, const std::uint8_t* header) {
  alignas(vector_size) std::uint8_t block[vector_size] = {};
  copy(block, header, header_bytes);
  return absorb(key, _mm_setzero_si128(), block, 1);
}

Block tag_of(const GcmKey& key, const Counter& counter, Block hash) {
  return _mm_xor_si128(reversed(hash), encrypted(key, counter.first()));
}

void seal(const GcmKey& key, const GcmRecord& record, const std::uint8_t* content, std::size_t size,
          std::uint8_t type, std::uint8_t* sealed) {
  const std::size_t all = size + 1;
  Counter counter(record.nonce);
  Block hash = hash_of_header(key, record.header);
  // A step is hashed while the next one is encrypted.
  const std::uint8_t* step_before = nullptr;
  const auto next_step = [&] {
    return step_before == nullptr ? counter.next_step(key)
                                  : counter.next_step(key, hash, step_before);
  };
  for (; size >= step_size; size -= step_size) {
    next_step().hide(content, sealed);
    step_before = sealed;
    content += step_size;
    sealed += step_size;
  }
  Rest rest;
  copy(rest.bytes, content, size);
  rest.bytes[size] = type;
  next_step().hide(rest.bytes, rest.bytes);
  copy(sealed, rest.bytes, size + 1);
  __builtin_memset(rest.bytes + size + 1, 0, step_size - size - 1);
  store(sealed + size + 1, tag_of(key, counter, rest.absorb_in(key, hash, size + 1, all)));
}

bool open(const GcmKey& key, const GcmRecord& record, const std::uint8_t* sealed, std::size_t size,
          std::uint8_t* content, std::uint8_t& type) {
  const std::size_t all = size + 1;
  Counter counter(record.nonce);
  Block hash = hash_of_header(key, record.header);
  for (; size >= step_size; size -= step_size) {
    counter.next_step(key, hash, sealed).hide(sealed, content);
    sealed += step_size;
    content += step_size;
  }
  Rest rest;
  copy(rest.bytes, sealed, size + 1);
  hash = rest.absorb_in(key, hash, size + 1, all);
  counter.next_step(key).hide(rest.bytes, rest.bytes);
  copy(content, rest.bytes, size);
  type = rest.bytes[size];
  // All bits are compared at once: the time tells nothing.
  const Block difference = _mm_xor_si128(tag_of(key, counter, hash), load(sealed + size + 1));
  return _mm_testz_si128(difference, difference) == 1;
}

/// The next round key of AES-128, or every other one of AES-256 (FIPS 197, section 5.2).
Block next_round_key(Block before, Block assist) {
  before = _mm_xor_si128(before, _mm_slli_si128(before, 4));
  before = _mm_xor_si128(before, _mm_slli_si128(before, 8));
  return _mm_xor_si128(before, assist);
}

template <int constant>
Block rotated(Block from) {
  return _mm_shuffle_epi32(_mm_aeskeygenassist_si128(from, constant), 0xff);
}

Block unrotated(Block from) {
  return _mm_shuffle_epi32(_mm_aeskeygenassist_si128(from, 0), 0xaa);
}

void expand_128(Block (&keys)[15]) {
  keys[1] = next_round_key(keys[0], rotated<0x01>(keys[0]));
  keys[2] = next_round_key(keys[1], rotated<0x02>(keys[1]));
  keys[3] = next_round_key(keys[2], rotated<0x04>(keys[2]));
  keys[4] = next_round_key(keys[3], rotated<0x08>(keys[3]));
  keys[5] = next_round_key(keys[4], rotated<0x10>(keys[4]));
  keys[6] = next_round_key(keys[5], rotated<0x20>(keys[5]));
  keys[7] = next_round_key(keys[6], rotated<0x40>(keys[6]));
  keys[8] = next_round_key(keys[7], rotated<0x80>(keys[7]));
  keys[9] = next_round_key(keys[8], rotated<0x1b>(keys[8]));
  keys[10] = next_round_key(keys[9], rotated<0x36>(keys[9]));
}

template <int constant>
void expand_pair(Block (&keys)[15], std::size_t i) {
  keys[i] = next_round_key(keys[i - 2], rotated<constant>(keys[i - 1]));
  if (i < 14) keys[i + 1] = next_round_key(keys[i - 1], unrotated(keys[i]));
}

void expand_256(Block (&keys)[15]) {
  expand_pair<0x01>(keys, 2);
  expand_pair<0x02>(keys, 4);
  expand_pair<0x04>(keys, 6);
  expand_pair<0x08>(keys, 8);
  expand_pair<0x10>(keys, 10);
  expand_pair<0x20>(keys, 12);
  expand_pair<0x40>(keys, 14);
}

/// Times x: a bit to the left, and what falls out comes back as the polynomial's bits.
Block times_x(Block block) {
  const Block carries = _mm_srli_epi64(block, 63);
  const Block shifted = _mm_or_si128(_mm_slli_epi64(block, 1), _mm_slli_si128(carries, 8));
  const Block out = _mm_sub_epi64(_mm_setzero_si128(), _mm_srli_si128(carries, 8));
  const Block mask = _mm_unpacklo_epi64(out, out);
  const Block polynomial = _mm_set_epi64x(static_cast<long long>(0xc200000000000000), 1);
  return _mm_xor_si128(shifted, _mm_and_si128(mask, polynomial));
}

void set_key(GcmKey& made, const std::uint8_t* key, std::size_t size) {
  Block keys[15] = {load(key)};
  made.rounds = size == 16 ? 10 : 14;
  if (size == 16) {
    expand_128(keys);
  } else {
    keys[1] = load(key + block_size);
    expand_256(keys);
  }
  for (std::size_t i = 0; i <= made.rounds; ++i) store(made.round_keys[i], keys[i]);
  __builtin_memset(keys, 0, sizeof keys);
  asm volatile("" ::"r"(keys)
               : "memory");  // or the compiler leaves them there, as nobody reads them

  const Block first = times_x(reversed(encrypted(made, _mm_setzero_si128())));
  Block power = first;
  for (std::size_t i = GcmKey::powers; i < GcmKey::powers + GcmKey::most_lanes - 1; ++i) {
    store(made.hash_powers[i], _mm_setzero_si128());
    store(made.hash_halves[i], _mm_setzero_si128());
  }
  for (std::size_t i = GcmKey::powers; i-- > 0;) {
    const Block halves = Lanes::together(folded(Lanes::first(power)));
    store(made.hash_powers[i], power);
    store(made.hash_halves[i], halves);
    Sum sum;
    sum.add_product(Lanes::first(first), Lanes::first(power), Lanes::first(halves));
    power = sum.reduced();
  }
}

}  // namespace
}  // namespace sluice::tls
