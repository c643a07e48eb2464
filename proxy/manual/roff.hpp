// Manual pages as man(7) wants them.
#pragma once

#include <string>
#include <string_view>

namespace sluice::proxy::manual {

class Roff {
 public:
  /// `section`: 1, 5; `what`: one line for apropos.
  Roff(std::string_view name, int section, std::string_view what);

  void heading(std::string_view text);
  void subheading(std::string_view text);
  /// Words that are filled into lines.
  void paragraph(std::string_view text);
  /// A term in bold, what stands behind it, and the words that explain it.
  void term(std::string_view bold, std::string_view plain, std::string_view text);
  /// Lines as they are.
  void literal(std::string_view text);
  /// A text of paragraphs; its indented lines are literal.
  void text(std::string_view text);

  [[nodiscard]] const std::string& page() const { return page_; }

 private:
  void begin_paragraph();

  std::string page_;
  bool fresh_ = false;  ///< nothing behind the heading yet
};

}  // namespace sluice::proxy::manual
