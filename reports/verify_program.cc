// SPDX-License-Identifier: Apache-2.0
// The verdict again in jq: independent of judge(), from report.json alone.
#include "reports/verify_guide.h"

namespace rackproof {
namespace {

constexpr std::string_view kProgram =
    R"JQ(# Each decision again from its own numbers, then the worst of all parts. A row may be worse than its
# numbers alone say, with its reason (a spoiled environment), and never better.
def rank: {"PASS": 0, "MARGINAL": 1, "INCOMPLETE": 2, "INVALID": 3, "ERROR": 4, "FAIL": 5}[.]
  // error("unknown verdict");
def worst: if length == 0 then "INCOMPLETE" else max_by(rank) end;
def at_least_one: if length == 0 then ["INCOMPLETE"] else . end;

def missing: (.value | type) != "number" or (.limit | type) != "number";
def broken: if .rule == "ceiling" and .physical == true then "INVALID" else "FAIL" end;
def margin:
  if .decision == "simple" then 0
  elif .decision == "guarded" and (.u | type) == "number" then .u
  else error("unknown decision") end;
def compared:
  margin as $u
  | if .rule == "floor" then
      if .value - $u >= .limit then "PASS" elif .value + $u < .limit then broken
      else "MARGINAL" end
    else
      if .value + $u <= .limit then "PASS" elif .value - $u > .limit then broken
      else "MARGINAL" end
    end;
def again:
  if .rule == "peers" or .rule == "drift" then .verdict
  elif missing then "INCOMPLETE"
  elif .rule == "floor" or .rule == "ceiling" then compared
  elif .rule == "equals" then
    if .value == .limit then "PASS"
    elif .metric == "late_answers" and .integrity != true then "INVALID" else "FAIL" end
  else error("unknown rule") end;

def explained: (.reason // "") != "";
def agrees($own):
  .verdict == $own
  or (explained and ((.verdict | rank) > ($own | rank)
                     or (.verdict == "INVALID" and .integrity != true)));
def counts: .required != false or .verdict != "INCOMPLETE";
def drill_row:
  if .verdict == "PASS"
     and (.activated > 0 and .detected >= .activated and .localised >= .activated | not)
  then "INCOMPLETE" else .verdict end;
def coverage_row:
  if .verdict == "PASS" and (.share >= .required | not) then "INCOMPLETE" else .verdict end;
def environment_row:
  if .verdict != "PASS" then .verdict
  elif any(.looks[]; .state == "bad") then "INVALID"
  elif (.looks | length) == 0 or any(.looks[]; .state != "good") then "INCOMPLETE"
  else "PASS" end;
def inventory_row: if .met == true then "PASS" else "FAIL" end;

if .schema != "rackproof/report/1" then error("not a rackproof report") else . end
| [.criteria[] | again as $own
   | {row: "\(.id) on \(.device)", own: $own, claimed: .verdict, counts: counts,
      good: agrees($own)}] as $rows
| (([$rows[] | select(.counts) | .claimed] | at_least_one)
   + ([.tasks[].verdict] | at_least_one)
   + ([.drill[] | drill_row] | at_least_one)
   + [.coverage[] | coverage_row]
   + [.inventory[] | inventory_row]
   + [(.environment // [])[] | select(.required != false) | environment_row]
   + [(.devices // [])[].verdict]
   + [(.problems // [])[].verdict]
   | worst) as $whole
| {verdict, whole: $whole, rows: ($rows | length),
   wrong: [$rows[] | select(.good | not)
           | "\(.row): its numbers say \(.own), the report \(.claimed)"]}
)JQ";

}  // namespace

std::string verdict_program() { return std::string(kProgram); }

}  // namespace rackproof
