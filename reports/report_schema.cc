// SPDX-License-Identifier: Apache-2.0
#include "reports/report_schema.h"

namespace rackproof {

std::string_view report_schema() {
  return R"schema({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "rackproof/report/1",
  "title": "rackproof report",
  "description": "Numbers are finite and in base units (bytes, seconds, FLOP/s, ratio 1 = 100 %); what is unknown is absent.",
  "type": "object",
  "additionalProperties": false,
  "required": ["schema", "verdict", "exit_code", "headline", "scope", "run", "profile", "digests", "problems",
               "devices", "inventory", "environment", "tasks", "criteria", "drill", "miscompares", "coverage", "exposure", "sensors", "kernel_log",
               "segments", "events"],
  "definitions": {
    "verdict": {"enum": ["PASS", "FAIL", "MARGINAL", "INCOMPLETE", "INVALID", "ERROR"]},
    "amount": {"type": "number", "minimum": 0},
    "count": {"type": "integer", "minimum": 0},
    "text": {"type": "string", "minLength": 1},
    "sha256": {"type": "string", "pattern": "^([0-9a-f]{64})?$"}
  },
  "properties": {
    "schema": {"enum": ["rackproof/report/1"]},
    "verdict": {"$ref": "#/definitions/verdict"},
    "exit_code": {"type": "integer", "minimum": 0, "maximum": 5},
    "headline": {"$ref": "#/definitions/text"},
    "scope": {"$ref": "#/definitions/text"},
    "run": {
      "type": "object",
      "additionalProperties": false,
      "required": ["run_id", "seed", "started", "finished", "interrupted", "duration_s", "attempt", "tool_version"],
      "properties": {
        "run_id": {"type": "string"},
        "seed": {"$ref": "#/definitions/sha256"},
        "nonce": {"$ref": "#/definitions/text"},
        "started": {"type": "string"},
        "ended": {"$ref": "#/definitions/text"},
        "finished": {"type": "boolean"},
        "interrupted": {"type": "boolean"},
        "duration_s": {"$ref": "#/definitions/amount"},
        "attempt": {"type": "integer", "minimum": 0},
        "previous_sha256": {"$ref": "#/definitions/text"},
        "station": {"$ref": "#/definitions/text"},
        "operator": {"$ref": "#/definitions/text"},
        "boot_id": {"$ref": "#/definitions/text"},
        "tool_version": {"type": "string"}
      }
    },
    "profile": {
      "type": "object",
      "additionalProperties": false,
      "required": ["name", "revision", "stages", "stages_left_out"],
      "properties": {
        "name": {"type": "string"},
        "revision": {"$ref": "#/definitions/count"},
        "stages": {"type": "array", "items": {"type": "string"}},
        "stages_left_out": {"type": "array", "items": {"type": "string"}}
      }
    },
    "digests": {
      "type": "object",
      "additionalProperties": false,
      "required": ["plan_sha256", "profile_sha256", "tool_sha256", "inventory_sha256"],
      "properties": {
        "plan_sha256": {"$ref": "#/definitions/sha256"},
        "profile_sha256": {"$ref": "#/definitions/sha256"},
        "tool_sha256": {"$ref": "#/definitions/sha256"},
        "inventory_sha256": {"$ref": "#/definitions/sha256"}
      }
    },
    "problems": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["verdict", "part", "parts", "evidence", "next_step"],
      "properties": {
        "verdict": {"$ref": "#/definitions/verdict"},
        "part": {"type": "string"},
        "parts": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "evidence": {"$ref": "#/definitions/text"},
        "next_step": {"$ref": "#/definitions/text"},
        "command": {"$ref": "#/definitions/text"}
      }
    }},
    "devices": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["device", "verdict"],
      "properties": {"device": {"$ref": "#/definitions/text"}, "verdict": {"$ref": "#/definitions/verdict"}}
    }},
    "inventory": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["name", "expected", "found", "met", "verdict"],
      "properties": {
        "name": {"type": "string"},
        "expected": {"type": "string"},
        "found": {"type": "string"},
        "met": {"type": "boolean"},
        "detail": {"$ref": "#/definitions/text"},
        "verdict": {"enum": ["PASS", "FAIL"]}
      }
    }},
    "environment": {"description": "demanded conditions; those not required bear on no verdict", "type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["name", "part", "devices", "required", "looks", "verdict"],
      "properties": {
        "name": {"$ref": "#/definitions/text"},
        "part": {"description": "a device, or the node or host around devices", "$ref": "#/definitions/text"},
        "devices": {"description": "those whose rates it spoils", "type": "array", "items": {"type": "string"}},
        "required": {"type": "boolean"},
        "wanted": {"description": "the profile's value; absent: the condition's own", "$ref": "#/definitions/text"},
        "source": {"$ref": "#/definitions/text"},
        "looks": {"type": "array", "items": {
          "type": "object",
          "additionalProperties": false,
          "required": ["when", "state"],
          "properties": {
            "when": {"type": "string"},
            "at_s": {"type": "number"},
            "state": {"enum": ["good", "bad", "unknown", "unsupported"]},
            "found": {"$ref": "#/definitions/text"},
            "wanted": {"$ref": "#/definitions/text"},
            "remedy": {"$ref": "#/definitions/text"},
            "detail": {"$ref": "#/definitions/text"}
          }
        }},
        "verdict": {"$ref": "#/definitions/verdict"},
        "reason": {"$ref": "#/definitions/text"},
        "remedy": {"$ref": "#/definitions/text"}
      }
    }},
    "tasks": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["step", "device", "attempts", "outcome", "verdict"],
      "properties": {
        "step": {"type": "string"},
        "device": {"type": "string"},
        "attempts": {"$ref": "#/definitions/count"},
        "outcome": {"$ref": "#/definitions/text"},
        "start_s": {"description": "of the first attempt, since the run began", "$ref": "#/definitions/amount"},
        "end_s": {"description": "of the last attempt", "$ref": "#/definitions/amount"},
        "verdict": {"$ref": "#/definitions/verdict"},
        "reason": {"$ref": "#/definitions/text"}
      }
    }},
    "criteria": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["id", "device", "metric", "rule", "statistic", "unit", "u", "decision", "n", "verdict", "required",
                   "counts", "integrity", "physical", "spoiled", "source"],
      "properties": {
        "id": {"type": "string"},
        "step": {"$ref": "#/definitions/text"},
        "device": {"type": "string"},
        "metric": {"type": "string"},
        "rule": {"enum": ["floor", "ceiling", "equals", "peers", "drift"]},
        "statistic": {"type": "string"},
        "value": {"type": "number"},
        "limit": {"type": "number"},
        "u": {"description": "expanded uncertainty U at k = 2, in the value's unit; 0 where the decision is simple", "$ref": "#/definitions/amount"},
        "unit": {"$ref": "#/definitions/text"},
        "decision": {"enum": ["guarded", "simple"]},
        "n": {"$ref": "#/definitions/count"},
        "verdict": {"$ref": "#/definitions/verdict"},
        "required": {"type": "boolean"},
        "counts": {"description": "false: optional and not applied, so it bears on no verdict", "type": "boolean"},
        "integrity": {"type": "boolean"},
        "physical": {"description": "a ceiling of physics: broken, it is INVALID", "type": "boolean"},
        "spoiled": {"description": "INVALID by the environment, whatever the value", "type": "boolean"},
        "source": {"type": "string"},
        "where": {"description": "of a limit on sensors: the sensor and the step that the value is of", "$ref": "#/definitions/text"},
        "reason": {"$ref": "#/definitions/text"},
        "peers": {
          "description": "FAIL when shortfall > 0, shortfall >= min_effect and (mad == 0 or z < -3.5); z = 0.6745 (value - median) / mad",
          "type": "object",
          "additionalProperties": false,
          "required": ["n", "median", "mad", "z", "shortfall", "min_effect"],
          "properties": {
            "n": {"type": "integer", "minimum": 4},
            "median": {"$ref": "#/definitions/amount"},
            "mad": {"$ref": "#/definitions/amount"},
            "z": {"type": "number"},
            "shortfall": {"type": "number"},
            "min_effect": {"$ref": "#/definitions/amount"}
          }
        }
      }
    }},
    "drill": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["device", "stressor", "injected", "activated", "detected", "localised", "unannounced", "lower_bound_95", "verdict"],
      "properties": {
        "device": {"type": "string"},
        "stressor": {"type": "string"},
        "injected": {"$ref": "#/definitions/count"},
        "activated": {"$ref": "#/definitions/count"},
        "detected": {"$ref": "#/definitions/count"},
        "localised": {"$ref": "#/definitions/count"},
        "unannounced": {"$ref": "#/definitions/count"},
        "lower_bound_95": {"type": "number", "minimum": 0, "maximum": 1},
        "verdict": {"$ref": "#/definitions/verdict"},
        "reason": {"$ref": "#/definitions/text"}
      }
    }},
    "miscompares": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["step", "device", "count", "sampled"],
      "properties": {
        "step": {"type": "string"},
        "device": {"type": "string"},
        "count": {"$ref": "#/definitions/count"},
        "sampled": {"$ref": "#/definitions/count"},
        "bits": {"type": "array", "items": {
          "type": "object",
          "additionalProperties": false,
          "required": ["bit", "count"],
          "properties": {
            "bit": {"type": "integer", "minimum": 0, "maximum": 63},
            "count": {"$ref": "#/definitions/count"}
          }
        }},
        "to_one": {"$ref": "#/definitions/count"},
        "to_zero": {"$ref": "#/definitions/count"},
        "single_bit": {"$ref": "#/definitions/count"},
        "cores": {"type": "array", "items": {
          "type": "object",
          "additionalProperties": false,
          "required": ["core", "count"],
          "properties": {
            "core": {"$ref": "#/definitions/count"},
            "count": {"$ref": "#/definitions/count"}
          }
        }},
        "elements": {
          "type": "object",
          "additionalProperties": false,
          "required": ["different", "lowest", "highest", "period"],
          "properties": {
            "different": {"$ref": "#/definitions/count"},
            "lowest": {"$ref": "#/definitions/count"},
            "highest": {"$ref": "#/definitions/count"},
            "period": {"$ref": "#/definitions/count"}
          }
        },
        "first": {
          "type": "object",
          "additionalProperties": false,
          "required": ["burst", "core", "tile", "element", "expected", "got", "pattern"],
          "properties": {
            "burst": {"$ref": "#/definitions/count"},
            "core": {"$ref": "#/definitions/count"},
            "tile": {"$ref": "#/definitions/count"},
            "element": {"$ref": "#/definitions/count"},
            "expected": {"type": "string"},
            "got": {"type": "string"},
            "pattern": {"type": "string"},
            "address": {"type": "string"},
            "dimm": {"$ref": "#/definitions/text"},
            "peer": {"description": "the device that the data came from", "$ref": "#/definitions/text"}
          }
        },
        "temperature_sensor": {"$ref": "#/definitions/text"},
        "temperature_celsius": {"type": "number"},
        "clock_hz": {"$ref": "#/definitions/amount"},
        "in_common": {"$ref": "#/definitions/text"}
      }
    }},
    "coverage": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["name", "share", "verdict"],
      "properties": {
        "name": {"type": "string"},
        "device": {"$ref": "#/definitions/text"},
        "required": {"type": "number"},
        "whole": {"type": "number"},
        "share": {"$ref": "#/definitions/amount"},
        "verdict": {"$ref": "#/definitions/verdict"},
        "reason": {"$ref": "#/definitions/text"}
      }
    }},
    "exposure": {
      "type": "object",
      "additionalProperties": false,
      "required": ["device_hours", "miscompares", "fatal_events", "failures", "mtbf_lower_bound_90_h"],
      "properties": {
        "device_hours": {"$ref": "#/definitions/amount"},
        "miscompares": {"$ref": "#/definitions/count"},
        "fatal_events": {"$ref": "#/definitions/count"},
        "failures": {"$ref": "#/definitions/count"},
        "mtbf_lower_bound_90_h": {"$ref": "#/definitions/amount"}
      }
    },
    "sensors": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["sensor", "unit", "windows", "count", "errors", "unsupported"],
      "properties": {
        "sensor": {"type": "string"},
        "device": {"$ref": "#/definitions/text"},
        "unit": {"type": "string"},
        "windows": {"$ref": "#/definitions/count"},
        "count": {"$ref": "#/definitions/count"},
        "errors": {"$ref": "#/definitions/count"},
        "unsupported": {"$ref": "#/definitions/count"},
        "min": {"type": "number"},
        "median": {"description": "of the windows' medians", "type": "number"},
        "max": {"type": "number"},
        "error": {"$ref": "#/definitions/text"},
        "counter": {"description": "it only counts up: its rise is what it says", "enum": [true]},
        "rise": {"$ref": "#/definitions/amount"},
        "resets": {"$ref": "#/definitions/count"}
      }
    }},
    "kernel_log": {
      "type": "object",
      "additionalProperties": false,
      "required": ["records", "lost", "proven", "errors"],
      "properties": {
        "records": {"$ref": "#/definitions/count"},
        "lost": {"description": "overwritten before they could be read", "$ref": "#/definitions/count"},
        "proven": {"description": "a line of our own came back", "type": "boolean"},
        "errors": {"description": "windows in which it could not be read", "$ref": "#/definitions/count"},
        "error": {"$ref": "#/definitions/text"}
      }
    },
    "segments": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["file", "start_s", "end_s", "rows", "size_bytes", "sha256"],
      "properties": {
        "file": {"$ref": "#/definitions/text"},
        "start_s": {"$ref": "#/definitions/amount"},
        "end_s": {"$ref": "#/definitions/amount"},
        "rows": {"$ref": "#/definitions/count"},
        "size_bytes": {"$ref": "#/definitions/count"},
        "sha256": {"$ref": "#/definitions/sha256"}
      }
    }},
    "events": {"type": "array", "items": {
      "type": "object",
      "additionalProperties": false,
      "required": ["kind", "severity", "text"],
      "properties": {
        "at_s": {"type": "number"},
        "kind": {"type": "string"},
        "severity": {"type": "string"},
        "device": {"$ref": "#/definitions/text"},
        "step": {"$ref": "#/definitions/text"},
        "cause": {"$ref": "#/definitions/text"},
        "part": {"$ref": "#/definitions/text"},
        "next_step": {"$ref": "#/definitions/text"},
        "count": {"description": "alike ones told at once; absent: one", "type": "integer", "minimum": 2},
        "text": {"type": "string"}
      }
    }}
  }
}
)schema";
}

}  // namespace rackproof
