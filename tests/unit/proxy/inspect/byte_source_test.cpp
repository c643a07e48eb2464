#include "proxy/inspect/byte_source.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

#include "proxy/inspect/new_file.hpp"
#include "unit/proxy/temp_folder.hpp"

using namespace sluice;
using namespace sluice::proxy;

namespace {

std::string gzipped(const std::string& text) {
  std::string out(compressBound(static_cast<uLong>(text.size())) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// With a checksum, as the program zstd does it.
std::string zstd_compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

/// All that is to come, read in pieces of that size; or what is wrong with it, in brackets.
std::string rest_of(inspect::ByteSource& source, std::size_t piece) {
  std::string text;
  Buffer buffer(piece);
  for (;;) {
    auto size = source.read(buffer);
    if (!size) return "[" + size.error() + "]";
    if (*size == 0) return text;
    text += as_text(Bytes(buffer).first(*size));
  }
}

/// The same of a file.
std::string read_all(const std::string& path, std::size_t piece) {
  auto source = inspect::open_source(path);
  if (!source) return "[" + source.error() + "]";
  std::string text = rest_of(**source, piece);
  if (text.starts_with("[")) return text;
  CHECK((*source)->consumed() == std::filesystem::file_size(path));
  CHECK((*source)->total() == std::filesystem::file_size(path));
  return text;
}

std::string sample() {
  std::string text =
      "\xfe"
      "bin";
  for (int i = 0; i < 60000; ++i) text += std::to_string(i * 7919);
  return text;
}

}  // namespace

TEST_CASE("inspect: files as they are, by gzip and by zstd") {
  const test::TempFolder folder;
  const std::string text = sample();
  struct Case {
    std::string_view what;
    std::string stored, expected;
  };
  for (const auto& [what, stored, expected] :
       {Case{"plain", text, text}, Case{"gzip", gzipped(text), text},
        Case{"zstd", zstd_compressed(text), text},
        Case{"two gzip members",
             gzipped("\xfe"
                     "bin") +
                 gzipped(text),
             "\xfe"
             "bin" +
                 text},
        Case{"zeros behind gzip", gzipped(text) + std::string(70000, '\0'), text},
        Case{"a frame that zstd skips before others",
             std::string("\x5f\x2a\x4d\x18\x02\0\0\0ab", 10) + zstd_compressed(text), text},
        Case{"two zstd frames",
             zstd_compressed("\xfe"
                             "bin") +
                 zstd_compressed(text),
             "\xfe"
             "bin" +
                 text},
        Case{"zeros that pack well", gzipped(std::string(3 << 20, '\0')),
             std::string(3 << 20, '\0')},
        Case{"an empty file", "", ""}, Case{"a short file", "abc", "abc"}}) {
    CAPTURE(what);
    folder.write("file", stored);
    const auto path = folder.file("file");
    for (const std::size_t piece : {7U, 4096U, 1U << 20}) {
      if (expected.size() > (1 << 20) && piece < 100) continue;
      CHECK((read_all(path, piece) == expected));
    }
  }
}

TEST_CASE("inspect: compressed files that are cut or damaged say so") {
  const test::TempFolder folder;
  const std::string text = sample();
  for (const auto& whole : {gzipped(text), zstd_compressed(text)}) {
    for (const std::size_t size :
         {std::size_t{5}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
      folder.write("file", whole.substr(0, size));
      CHECK(read_all(folder.file("file"), 4096) == "[the compressed file ends too early]");
    }
    std::string damaged = whole;
    damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 0x55);
    folder.write("file", damaged);
    const auto said = read_all(folder.file("file"), 4096);
    CHECK(said.find("is damaged") != std::string::npos);
  }
  CHECK(read_all(folder.file("none"), 10) == "[No such file or directory]");
  CHECK(read_all(folder.path(), 10) == "[Is a directory]");
}

TEST_CASE("inspect: what was looked at of a file is read all the same") {
  const test::TempFolder folder;
  const std::string text = sample();
  for (const auto& stored : {text, gzipped(text), zstd_compressed(text)}) {
    folder.write("file", stored);
    auto source = inspect::open_source(folder.file("file"));
    REQUIRE(source);
    CHECK(as_text((*source)->peek(10)) == text.substr(0, 10));
    CHECK(as_text((*source)->peek(300)) == text.substr(0, 300));
    CHECK(as_text((*source)->peek(10)) == text.substr(0, 10));
    CHECK(rest_of(**source, 100) == text);
  }
  folder.write("file", gzipped(text).substr(0, 30));
  auto cut = inspect::open_source(folder.file("file"));
  REQUIRE(cut);
  const std::string head(as_text((*cut)->peek(300)));
  CHECK((*cut)->error() == "the compressed file ends too early");
  CHECK(text.starts_with(head));
  CHECK(rest_of(**cut, 7) == "[the compressed file ends too early]");
}

TEST_CASE("inspect: a new file is there as a whole or not at all") {
  const test::TempFolder folder;
  const std::string path = folder.file("out");
  {
    inspect::NewFile file;
    CHECK(file.open(path) == "");
    CHECK(file.write(as_bytes("some")) == "");
    CHECK_FALSE(std::filesystem::exists(path));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  {
    inspect::NewFile file;
    CHECK(file.open(path) == "");
    CHECK(file.write(as_bytes("some")) == "");
    CHECK(file.write(as_bytes(" more")) == "");
    CHECK(file.finish() == "");
  }
  CHECK(std::filesystem::file_size(path) == 9);
  inspect::NewFile second;
  CHECK(second.open(path) == path + ": File exists; --write makes a new file");
  const std::string other = folder.file("other");
  {
    inspect::NewFile file;
    CHECK(file.open(other) == "");
    folder.write("other", "somebody was faster");
    CHECK(file.finish() == other + ": File exists");
  }
  CHECK(std::filesystem::file_size(other) == 19);
  CHECK(inspect::NewFile().open(folder.file("no/folder")) != "");
}
