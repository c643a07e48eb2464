#include "proxy/config/config_section.hpp"

#include <algorithm>
#include <new>

#include "proxy/base/list_text.hpp"
#include "proxy/config/config_files.hpp"

namespace sluice::proxy {
namespace {

ConfigPosition begin_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

std::string_view type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a section";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

}  // namespace

Section::Section(ConfigReading& reading, const toml::table* table, std::string path,
                 ConfigPosition position, bool silent)
    : reading_(reading),
      table_(table),
      path_(std::move(path)),
      position_(position),
      silent_(silent) {}

Section::~Section() {
  if (table_ == nullptr) return;
  try {
    for (const auto& [key, value] : *table_) {
      if (!asked_.contains(std::string(key.str()))) report_unknown(key);
    }
  } catch (const std::bad_alloc&) {
    // To throw it would end the program, which may have asked for this reading while it runs.
    reading_.lose_problem();
  }
}

void Section::report_unknown(const toml::key& key) {
  std::string text = "unknown key";
  if (const std::string_view meant = nearest(key.str(), asked_); !meant.empty()) {
    text += "; did you mean '" + std::string(meant) + "'?";
  } else {
    std::string names;
    for (const std::string& name : asked_) add_to_list(names, name);
    text += "; the keys here are " + names;
  }
  error_at(begin_of(key.source()), key.str(), std::move(text));
}

std::string Section::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const toml::node* Section::find(std::string_view key) {
  asked_.emplace(key);
  reading_.known(path_of(key));
  return table_ == nullptr ? nullptr : table_->get(key);
}

bool Section::has(std::string_view key) const {
  return table_ != nullptr && table_->get(key) != nullptr;
}

ConfigPosition Section::position(std::string_view key) const {
  return has(key) ? begin_of(table_->get(key)->source()) : position_;
}

ConfigPosition Section::key_position(std::string_view key) const {
  return has(key) ? begin_of(table_->find(key)->first.source()) : position_;
}

void Section::error(std::string_view key, std::string text) {
  error_at(position(key), key, std::move(text));
}

void Section::error_at(ConfigPosition position, std::string_view key, std::string text) {
  reading_.error(position, path_of(key), std::move(text));
}

void Section::warning(std::string_view key, std::string text, std::string exposed_file) {
  reading_.warning(position(key), path_of(key), std::move(text), std::move(exposed_file));
}

void Section::missing(std::string_view key, std::string_view what) {
  if (!silent_) error_at(position_, key, "is missing: " + std::string(what));
}

void Section::require(std::string_view key, std::string_view what) {
  if (!has(key)) missing(key, what);
}

void Section::wrong_type(std::string_view key, const toml::node& node, std::string_view wanted) {
  error(key, "must be " + std::string(wanted) + ", not " + std::string(type_name(node.type())));
}

Section Section::section(std::string_view key) {
  const toml::node* node = find(key);
  const bool wrong = node != nullptr && !node->is_table();
  if (wrong) wrong_type(key, *node, "a section, [" + path_of(key) + "]");
  return Section(reading_, node == nullptr ? nullptr : node->as_table(), path_of(key),
                 position(key), silent_ || wrong);
}

std::size_t Section::for_each(std::string_view key, const std::function<void(Section&)>& read) {
  const toml::node* node = find(key);
  if (node == nullptr) return 0;
  const std::string form = "[[" + path_of(key) + "]], in double brackets: there may be several";
  if (node->is_table()) {
    error(key, "must be written " + form);
    return 1;  // reading it would only repeat the same mistake in other words
  }
  if (!node->is_array()) {
    wrong_type(key, *node, form);
    return 1;
  }
  for (const toml::node& element : *node->as_array()) {
    if (const toml::table* table = element.as_table()) {
      Section section(reading_, table, path_of(key), begin_of(element.source()));
      read(section);
    } else {
      error_at(begin_of(element.source()), key, "must be written " + form);
    }
  }
  return node->as_array()->size();
}

bool Section::text(std::string_view key, std::string& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  if (!node->is_string()) {
    wrong_type(key, *node, "a text in quotes");
    return false;
  }
  const std::string& text = node->as_string()->get();
  // Neither files nor what MySQL's protocol calls a string can hold it.
  if (text.find('\0') != std::string::npos) {
    error(key, "must not hold a NUL character");
    return false;
  }
  out = text;
  return true;
}

std::optional<std::vector<PlacedText>> Section::texts(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_array()) {
    wrong_type(key, *node, "a list of texts, [\"...\", \"...\"]");
    return std::nullopt;
  }
  std::vector<PlacedText> out;
  for (const toml::node& element : *node->as_array()) {
    const ConfigPosition place = begin_of(element.source());
    if (!element.is_string()) {
      error_at(place, key,
               "must be a list of texts; this is " + std::string(type_name(element.type())));
      return std::nullopt;
    }
    out.push_back({element.as_string()->get(), place});
  }
  return out;
}

bool Section::number(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  if (!node->is_integer()) {
    wrong_type(key, *node, "a whole number");
    return false;
  }
  const std::int64_t value = node->as_integer()->get();
  if (value < min || value > max) {
    error(key, std::to_string(value) + " is not between " + std::to_string(min) + " and " +
                   std::to_string(max));
    return false;
  }
  out = value;
  return true;
}

bool Section::duration(std::string_view key, Duration& out, Duration min, Duration max) {
  const toml::node* node = find(key);
  if (node == nullptr) return false;
  Duration value{};
  if (const auto* seconds = node->as_integer()) {
    // Beyond any `max`, and small enough for the milliseconds.
    value = std::chrono::seconds(std::clamp<std::int64_t>(seconds->get(), -1, 1'000'000'000));
  } else if (!node->is_string()) {
    wrong_type(key, *node, "a duration such as \"10s\", or whole seconds");
    return false;
  } else if (!parsed(key, value, parse_duration)) {
    return false;
  }
  if (value < min || value > max) {
    error(key, "is not between " + to_text(min) + " and " + to_text(max));
    return false;
  }
  out = value;
  return true;
}

bool Section::file(std::string_view key, std::string& out) {
  std::string name;
  if (!text(key, name)) return false;
  const std::string path = reading_.resolve(name);
  if (const std::string why = why_unreadable(path); !why.empty()) {
    error(key, "'" + path + "' cannot be read: " + why);
    return false;
  }
  out = path;
  return true;
}

}  // namespace sluice::proxy
