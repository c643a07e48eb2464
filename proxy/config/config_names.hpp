// The names by which the configuration file, the command line and /api/v1/config know the values of
// enumerations.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "filters/rules/table_rules.hpp"
#include "proxy/base/list_text.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy {

template <typename T, std::size_t count>
using Names = std::array<std::pair<std::string_view, T>, count>;

inline constexpr Names<MasterTlsMode, 4> master_tls_modes{
    {{"verify-identity", MasterTlsMode::verify_identity},
     {"verify-ca", MasterTlsMode::verify_ca},
     {"required", MasterTlsMode::required},
     {"disabled", MasterTlsMode::disabled}}};
inline constexpr Names<ReplicaTlsMode, 3> replica_tls_modes{
    {{"required", ReplicaTlsMode::required},
     {"optional", ReplicaTlsMode::optional},
     {"disabled", ReplicaTlsMode::disabled}}};
inline constexpr Names<TlsVersion, 4> tls_versions{{{"1.0", TlsVersion::tls_1_0},
                                                    {"1.1", TlsVersion::tls_1_1},
                                                    {"1.2", TlsVersion::tls_1_2},
                                                    {"1.3", TlsVersion::tls_1_3}}};
inline constexpr Names<TapContent, 3> tap_contents{
    {{"off", TapContent::off}, {"metadata", TapContent::metadata}, {"full", TapContent::full}}};
inline constexpr Names<Reaction, 3> reactions{
    {{"refuse", Reaction::refuse}, {"warn", Reaction::warn}, {"ignore", Reaction::ignore}}};
inline constexpr Names<filters::SystemSchema, 2> system_schema_choices{
    {{"drop", filters::SystemSchema::drop}, {"keep", filters::SystemSchema::keep}}};
inline constexpr Names<LogLevel, 5> log_levels{{{"trace", LogLevel::trace},
                                                {"debug", LogLevel::debug},
                                                {"info", LogLevel::info},
                                                {"warn", LogLevel::warn},
                                                {"error", LogLevel::error}}};
inline constexpr Names<LogFormat, 2> log_formats{
    {{"text", LogFormat::text}, {"json", LogFormat::json}}};

/// The value of that name; null if none has it.
template <typename T, std::size_t count>
[[nodiscard]] const T* value_of(const Names<T, count>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, T>::first);
  return found == names.end() ? nullptr : &found->second;
}

/// Empty for a value without a name.
template <typename T, std::size_t count>
[[nodiscard]] std::string_view name_of(const Names<T, count>& names, T value) {
  const auto found = std::ranges::find(names, value, &std::pair<std::string_view, T>::second);
  return found == names.end() ? std::string_view() : found->first;
}

/// "required, optional, disabled"
template <typename T, std::size_t count>
[[nodiscard]] std::string list_of(const Names<T, count>& names) {
  std::string list;
  for (const auto& [name, value] : names) add_to_list(list, name);
  return list;
}

}  // namespace sluice::proxy
