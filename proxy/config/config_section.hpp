// One section of the configuration file, read key by key.
//
// Whoever reads a section asks for each key it knows, with the value's type and limits; a value
// that does not fit becomes a problem and leaves the default in place, so that one reading finds
// all problems. A key that nobody has asked for when the section goes is an error too.
#pragma once

#include <boost/system/result.hpp>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/config/config_names.hpp"
#include "proxy/config/config_problems.hpp"
#include "proxy/config/config_toml.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy {

/// A text and where it stands.
struct PlacedText {
  std::string text;
  ConfigPosition position;
};

class Section {
 public:
  /// `table` is null for a section that the file does not have: then all its keys are missing, and
  /// what must be there is reported at `position`, that of the section around it.
  Section(ConfigReading& reading, const toml::table* table, std::string path,
          ConfigPosition position, bool silent = false);
  ~Section();
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  [[nodiscard]] Section section(std::string_view key);
  /// Calls `read` for each element of an array of tables, [[path.key]]. Returns how many there are.
  std::size_t for_each(std::string_view key, const std::function<void(Section&)>& read);

  /// Whether the file has the key.
  [[nodiscard]] bool has(std::string_view key) const;
  /// Where the value stands; the section itself if there is none.
  [[nodiscard]] ConfigPosition position(std::string_view key) const;
  /// Where the key stands.
  [[nodiscard]] ConfigPosition key_position(std::string_view key) const;
  [[nodiscard]] ConfigPosition position() const { return position_; }

  /// A text. True if there is one.
  bool text(std::string_view key, std::string& out);
  /// A list of texts. nullopt if there is none, or none that can be read.
  [[nodiscard]] std::optional<std::vector<PlacedText>> texts(std::string_view key);
  bool number(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
  template <std::integral T>
  bool number(std::string_view key, T& out, std::int64_t min, std::int64_t max);
  /// A whole number of seconds, or a text with a unit.
  bool duration(std::string_view key, Duration& out, Duration min, Duration max);
  /// The path of a file that can be read, resolved.
  bool file(std::string_view key, std::string& out);
  template <typename T, std::size_t count>
  bool choice(std::string_view key, T& out, const Names<T, count>& names);
  /// A text that `parse` makes into a value.
  template <typename T, typename Parse>
  bool parsed(std::string_view key, T& out, Parse parse);

  void error(std::string_view key, std::string text);
  void error_at(ConfigPosition position, std::string_view key, std::string text);
  void warning(std::string_view key, std::string text, std::string exposed_file = {});
  /// Reports `key` as missing, with what it is.
  void missing(std::string_view key, std::string_view what);
  /// Reports `key` as missing unless the file has it.
  void require(std::string_view key, std::string_view what);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] ConfigReading& reading() { return reading_; }

 private:
  const toml::node* find(std::string_view key);
  [[nodiscard]] std::string path_of(std::string_view key) const;
  void wrong_type(std::string_view key, const toml::node& node, std::string_view wanted);
  void report_unknown(const toml::key& key);

  ConfigReading& reading_;
  const toml::table* table_;
  std::string path_;
  ConfigPosition position_;
  bool silent_ = false;  // in place of something that is no section: what it lacks is not reported
  std::set<std::string> asked_;
};

template <std::integral T>
bool Section::number(std::string_view key, T& out, std::int64_t min, std::int64_t max) {
  std::int64_t value = 0;
  if (!number(key, value, min, max)) return false;
  out = static_cast<T>(value);
  return true;
}

template <typename T, std::size_t count>
bool Section::choice(std::string_view key, T& out, const Names<T, count>& names) {
  std::string name;
  if (!text(key, name)) return false;
  if (const T* value = value_of(names, name)) {
    out = *value;
    return true;
  }
  error(key, "'" + name + "' is not one of " + list_of(names));
  return false;
}

template <typename T, typename Parse>
bool Section::parsed(std::string_view key, T& out, Parse parse) {
  std::string value;
  if (!text(key, value)) return false;
  auto result = parse(std::string_view(value));
  if (!result) {
    error(key, std::move(result).error().why);
    return false;
  }
  out = *std::move(result);
  return true;
}

}  // namespace sluice::proxy
