// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "reports/page_html_text.h"

namespace rackproof {
namespace {

std::string head_cells(std::string_view heads) {
  std::string cells;
  while (!heads.empty()) {
    const auto bar = heads.find('|');
    std::string_view one = heads.substr(0, bar);
    heads.remove_prefix(bar == std::string_view::npos ? heads.size() : bar + 1);
    const bool right = one.starts_with('>');
    if (right) one.remove_prefix(1);
    cells += fmt::format("<th scope=\"col\"{}>{}</th>", right ? " class=\"num\"" : "", one);
  }
  return cells;
}

Verdict as_verdict(const std::string& word) {
  return verdict_from_name(word).value_or(Verdict::error);
}

}  // namespace

std::string verdict_class(std::string_view word) {
  if (!verdict_from_name(word)) return "none";
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return lower;
}

std::string verdict_mark(std::string_view word) {
  return fmt::format("<span class=\"mark {}\">{}</span>", verdict_class(word), escaped(word));
}

std::string worse(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return std::string(name(worst(as_verdict(a), as_verdict(b))));
}

std::string cell(std::string_view text, std::string_view css) {
  if (css.empty()) return fmt::format("<td>{}</td>", escaped(text));
  return fmt::format("<td class=\"{}\">{}</td>", css, escaped(text));
}

std::string fact(std::string_view term, std::string_view text) {
  if (text.empty()) return {};
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", term, escaped(text));
}

std::string section(std::string_view id, std::string_view title, const std::string& body) {
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}"
      "</h2>\n{2}</section>\n\n",
      id, title, body);
}

std::string table(std::string_view label, std::string_view heads, const std::string& body) {
  return fmt::format(
      "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">"
      "<table><thead><tr>{1}</tr></thead>\n<tbody>\n{2}</tbody></table></div>\n",
      escaped(label), head_cells(heads), body);
}

std::string folded(bool open, const std::string& summary, const std::string& body,
                   std::string_view css) {
  return fmt::format("<details class=\"{}\"{}><summary>{}</summary>\n{}</details>\n", css,
                     open ? " open" : "", summary, body);
}

}  // namespace rackproof
