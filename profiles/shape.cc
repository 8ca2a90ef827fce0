// SPDX-License-Identifier: Apache-2.0
// Validation by valijson, with its report per enclosing level cut down to one sentence a mistake.

// g++ 12 with AddressSanitizer sees uninitialised members in std::regex (GCC bug 105562).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "profiles/schema.h"

namespace rackproof {
namespace {

const Json& schema_json() {
  static const Json kJson = Json::parse(profile_schema());
  return kJson;
}

const valijson::Schema& compiled_schema() {
  static const valijson::Schema* const kSchema = [] {
    static valijson::Schema schema;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json()), schema);
    return &schema;
  }();
  return *kSchema;
}

// The schema of a member or item of what `schema` describes; null: anything goes or unknown.
const Json* resolved(const Json* schema) {
  if (schema == nullptr || !schema->is_object()) return nullptr;
  const auto reference = schema->find("$ref");
  if (reference == schema->end()) return schema;
  return &schema_json().at(Json::json_pointer(reference->get<std::string>().substr(1)));
}

const Json* member_schema(const Json& schema, const std::string& key) {
  const auto properties = schema.find("properties");
  if (properties != schema.end() && properties->contains(key)) {
    return resolved(&properties->at(key));
  }
  const auto rest = schema.find("additionalProperties");
  return rest == schema.end() ? nullptr : resolved(&*rest);
}

const Json* item_schema(const Json& schema) {
  const auto items = schema.find("items");
  return items == schema.end() ? nullptr : resolved(&*items);
}

// Plain decimal only: "010" and "0x8" stay texts, and are refused as such.
bool to_integer(const std::string& text, Json& value) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return false;
  if (std::to_string(number) != text) return false;
  value = number;
  return true;
}

void coerce(Json& value, const Json* schema) {
  if (schema == nullptr) return;
  if (value.is_object()) {
    for (auto& [key, member] : value.items()) coerce(member, member_schema(*schema, key));
  } else if (value.is_array()) {
    for (Json& item : value) coerce(item, item_schema(*schema));
  } else if (value.is_string()) {
    const std::string text = value.get<std::string>();
    const Json type = schema->value("type", Json());
    if (type == "integer") to_integer(text, value);
    if (type == "boolean" && (text == "true" || text == "false")) value = text == "true";
  }
}

/// One of valijson's reports with what it is about.
struct Report {
  std::string pointer, description;
  const Json* value = nullptr;
  const Json* schema = nullptr;
};

// valijson's context is "<root>", "[hardware]", "[accelerators]", "[0]".
Report located(const std::vector<std::string>& context, const std::string& description,
               const Json& root) {
  Report report{"", description, &root, &schema_json()};
  for (std::size_t i = 1; i < context.size(); ++i) {
    const std::string key = context[i].substr(1, context[i].size() - 2);
    const bool array = report.value->is_array();
    if (report.schema != nullptr) {
      report.schema = array ? item_schema(*report.schema) : member_schema(*report.schema, key);
    }
    report.value = array ? &report.value->at(std::stoul(key)) : &report.value->at(key);
    report.pointer = below(report.pointer, key);
  }
  return report;
}

bool says(const Report& report, std::string_view beginning) {
  return report.description.starts_with(beginning);
}

std::string found(const Json& value) {
  if (value.is_string()) return fmt::format("'{}'", value.get<std::string>());
  if (value.is_null()) return "nothing";
  if (value.is_object()) return "a map";
  if (value.is_array()) return value.empty() ? "an empty list" : "a list";
  return fmt::format("'{}'", value.dump());
}

std::string expected(const Json& schema) {
  if (schema.contains("enum")) {
    const auto words = schema.at("enum").get<std::vector<std::string>>();
    return words.size() == 1 ? "'" + words.front() + "'"
                             : fmt::format("one of {}", fmt::join(words, ", "));
  }
  if (schema.contains("description")) return schema.at("description").get<std::string>();
  const Json type = schema.value("type", Json());
  if (type == "integer") {
    return fmt::format("a whole number from {} to {}", schema.at("minimum").dump(),
                       schema.at("maximum").dump());
  }
  if (type == "boolean") return "true or false";
  if (type == "object") {
    if (!schema.contains("properties")) return "a map";
    std::vector<std::string> keys;
    for (const auto& [key, unused] : schema.at("properties").items()) keys.push_back(key);
    return fmt::format("a map of {}", fmt::join(keys, ", "));
  }
  return type == "array" ? "a list of at least one" : "a text";
}

std::string near_word(const Report& report) {
  if (!report.value->is_string() || !report.schema->contains("enum")) return "";
  return nearest(report.value->get<std::string>(), report.schema->at("enum"));
}

std::string wrong_value(const Report& report) {
  if (report.schema == nullptr) return report.description;
  const std::string key = report.pointer.substr(report.pointer.rfind('/') + 1);
  const bool item = !key.empty() && std::all_of(key.begin(), key.end(), ::isdigit);
  const std::string what = key.empty() || item ? "" : key + ": ";
  const std::string near = near_word(report);
  if (!near.empty()) {
    return fmt::format("{}unknown word {}; did you mean '{}'?", what, found(*report.value), near);
  }
  return fmt::format("{}expected {}, found {}", what, expected(*report.schema),
                     found(*report.value));
}

/// Turns located reports into errors.
class Explainer {
 public:
  explicit Explainer(const Document& document) : document_(document) {}

  void explain(const Report& report) {
    if (says(report, "Failed to validate") || says(report, "Cannot validate")) return;
    if (says(report, "Object contains a property")) {
      unknown_keys(report);
    } else if (says(report, "Missing required property '")) {
      const std::size_t begin = report.description.find('\'') + 1;
      missing_key(report, report.description.substr(begin, report.description.rfind('\'') - begin));
    } else if (explained_.insert(report.pointer).second) {
      errors_.push_back(document_.at_value(report.pointer, wrong_value(report)));
    }
  }
  [[nodiscard]] std::vector<Error> errors() const { return errors_; }

 private:
  static std::vector<std::string> known_keys(const Report& report) {
    std::vector<std::string> keys;
    for (const auto& [key, unused] : report.schema->at("properties").items()) keys.push_back(key);
    return keys;
  }
  static std::vector<std::string> strangers(const Report& report) {
    std::vector<std::string> keys;
    for (const auto& [key, unused] : report.value->items()) {
      if (!report.schema->at("properties").contains(key)) keys.push_back(key);
    }
    return keys;
  }

  // valijson names one unknown key of a map; here are all of them.
  void unknown_keys(const Report& report) {
    for (const std::string& key : strangers(report)) {
      errors_.push_back(document_.at_key(
          below(report.pointer, key),
          fmt::format("unknown key '{}'{}", key, suggestion(key, known_keys(report)))));
    }
  }

  // A misspelt key is one mistake: it is unknown, and the right one is not missing besides.
  void missing_key(const Report& report, const std::string& key) {
    for (const std::string& stranger : strangers(report)) {
      if (nearest_key(stranger, known_keys(report)) == key) return;
    }
    errors_.push_back(document_.at_value(report.pointer, fmt::format("'{}' is missing", key)));
  }

  const Document& document_;
  std::vector<Error> errors_;
  std::set<std::string> explained_;
};

}  // namespace

std::vector<Error> check_shape(Document& document) try {
  coerce(document.json, &schema_json());
  valijson::ValidationResults results;
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter target(document.json);
  if (validator.validate(compiled_schema(), target, &results)) return {};
  Explainer explainer(document);
  for (const auto& result : results) {
    explainer.explain(located(result.context, result.description, document.json));
  }
  // Nothing that the schema refuses may pass for want of words.
  if (explainer.errors().empty()) return {document.at_value("", "does not fit the profile schema")};
  return explainer.errors();
} catch (const std::exception& problem) {
  return {document.at_value("", std::string("cannot be validated: ") + problem.what())};
}

}  // namespace rackproof
