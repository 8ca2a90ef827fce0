// SPDX-License-Identifier: Apache-2.0
// The one source of the profile's JSON Schema. Descriptions complete the sentence "expected ...".
#include "profiles/schema.h"

namespace rackproof {

std::string_view profile_schema() {
  static constexpr std::string_view kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "rackproof profile: what a rack must have and must reach",
  "type": "object",
  "required": ["schema", "name", "revision"],
  "additionalProperties": false,
  "properties": {
    "schema": {"type": "string", "enum": ["rackproof/profile/1"]},
    "name": {"$ref": "#/definitions/name"},
    "revision": {"type": "integer", "minimum": 1, "maximum": 1000000000},
    "title": {"$ref": "#/definitions/text"},
    "extends": {"$ref": "#/definitions/name"},
    "abstract": {"type": "boolean"},
    "confidence": {"type": "string", "enum": ["measured", "published", "derived", "announced"]},
    "hardware": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "rack": {
          "type": "object",
          "additionalProperties": false,
          "properties": {"nodes": {"type": "integer", "minimum": 1, "maximum": 100000}}
        },
        "node": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "accelerators": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/accelerator"}}
          }
        }
      }
    },
    "sensor_rate": {"$ref": "#/definitions/quantity"},
    "limits": {
      "type": "object",
      "properties": {
        "sensors": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/sensor_limit"}}
      },
      "additionalProperties": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/limit"}}
    },
    "coverage": {"$ref": "#/definitions/coverage"},
    "environment": {"type": "object", "additionalProperties": {"$ref": "#/definitions/condition"}},
    "stages": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/stage"}},
    "default_stages": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/stage_name"}}
  },
  "definitions": {
    "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
      "description": "a name of letters, digits, '.', '_' and '-'"},
    "text": {"type": "string", "minLength": 1, "description": "a text"},
    "quantity": {"type": "string", "minLength": 1, "description": "a number with its unit"},
    "stage_name": {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$",
      "description": "a stage's name of lower-case letters, digits, '_' and '-'"},
    "accelerator": {
      "type": "object",
      "required": ["kind"],
      "additionalProperties": false,
      "properties": {
        "kind": {"type": "string", "enum": ["cpu", "gpu", "npu", "tpu", "accelerator", "opencl-cpu", "synthetic"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 100000},
        "name": {"$ref": "#/definitions/text"},
        "pci": {"type": "string", "pattern": "^[0-9a-f]{4}:[0-9a-f]{4}$",
          "description": "a PCI vendor and device ID such as '10de:2335'"},
        "memory": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "size": {"$ref": "#/definitions/quantity"},
            "bandwidth": {"$ref": "#/definitions/quantity"}
          }
        },
        "pcie": {
          "type": "object",
          "required": ["generation", "width"],
          "additionalProperties": false,
          "properties": {
            "generation": {"type": "integer", "minimum": 1, "maximum": 7},
            "width": {"type": "integer", "minimum": 1, "maximum": 32}
          }
        },
        "peak": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "int8": {"$ref": "#/definitions/quantity"},
            "int32": {"$ref": "#/definitions/quantity"},
            "fp4_e2m1": {"$ref": "#/definitions/quantity"},
            "fp8_e4m3": {"$ref": "#/definitions/quantity"},
            "fp8_e5m2": {"$ref": "#/definitions/quantity"},
            "fp16": {"$ref": "#/definitions/quantity"},
            "bf16": {"$ref": "#/definitions/quantity"},
            "tf32": {"$ref": "#/definitions/quantity"},
            "fp32": {"$ref": "#/definitions/quantity"},
            "fp64": {"$ref": "#/definitions/quantity"}
          }
        }
      }
    },
    "limit": {
      "type": "object",
      "required": ["metric"],
      "additionalProperties": false,
      "properties": {
        "metric": {"$ref": "#/definitions/text"},
        "where": {"type": "object", "additionalProperties": {"$ref": "#/definitions/text"}},
        "floor": {"$ref": "#/definitions/quantity"},
        "ceiling": {"$ref": "#/definitions/quantity"},
        "equals": {"$ref": "#/definitions/quantity"},
        "peers": {
          "type": "object",
          "required": ["below_median"],
          "additionalProperties": false,
          "properties": {"below_median": {"$ref": "#/definitions/quantity"}}
        },
        "uncertainty": {"$ref": "#/definitions/quantity"},
        "decision": {"type": "string", "enum": ["guarded", "simple"]},
        "statistic": {"type": "string", "enum": ["median", "p1", "p99", "sum", "min", "max"]},
        "required": {"type": "boolean"},
        "source": {"$ref": "#/definitions/text"}
      }
    },
    "sensor_limit": {
      "type": "object",
      "required": ["sensor"],
      "additionalProperties": false,
      "properties": {
        "sensor": {"$ref": "#/definitions/text"},
        "floor": {"$ref": "#/definitions/quantity"},
        "ceiling": {"$ref": "#/definitions/quantity"},
        "rise": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "ceiling": {"$ref": "#/definitions/quantity"},
            "equals": {"$ref": "#/definitions/quantity"}
          }
        },
        "uncertainty": {"$ref": "#/definitions/quantity"},
        "decision": {"type": "string", "enum": ["guarded", "simple"]},
        "statistic": {"type": "string", "enum": ["median", "min", "max"]},
        "during": {"$ref": "#/definitions/text"},
        "required": {"type": "boolean"},
        "source": {"$ref": "#/definitions/text"}
      }
    },
    "coverage": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "memory": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "installed": {"$ref": "#/definitions/quantity"},
            "allocatable": {"$ref": "#/definitions/quantity"}
          }
        },
        "cores": {"$ref": "#/definitions/quantity"},
        "links": {"$ref": "#/definitions/quantity"},
        "sensors": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/text"}},
        "kernel_log": {"type": "string", "enum": ["no gap", "if readable"]}
      }
    },
    "condition": {
      "type": "object",
      "required": ["on"],
      "additionalProperties": false,
      "properties": {
        "on": {"$ref": "#/definitions/text"},
        "at_least": {"$ref": "#/definitions/text"},
        "at_most": {"$ref": "#/definitions/text"},
        "required": {"type": "boolean"},
        "source": {"$ref": "#/definitions/text"}
      }
    },
    "stage": {
      "type": "object",
      "required": ["stage", "steps"],
      "additionalProperties": false,
      "properties": {
        "stage": {"$ref": "#/definitions/stage_name"},
        "purpose": {"$ref": "#/definitions/text"},
        "coverage": {"$ref": "#/definitions/coverage"},
        "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/step"}}
      }
    },
    "step": {
      "type": "object",
      "required": ["run", "on", "for"],
      "additionalProperties": false,
      "properties": {
        "run": {"$ref": "#/definitions/text"},
        "on": {"$ref": "#/definitions/text"},
        "with": {
          "type": "object",
          "additionalProperties": {
            "type": ["string", "array"], "minItems": 1, "items": {"$ref": "#/definitions/text"},
            "description": "a value or a list of values"
          }
        },
        "for": {"type": "string", "description": "a time ('60 s') or passes ('one pass', '3 passes')"},
        "together": {"type": "string", "enum": ["all"]},
        "attempts": {"type": "integer", "minimum": 1, "maximum": 100},
        "deadline": {"$ref": "#/definitions/quantity"}
      }
    }
  }
}
)json";
  return kSchema;
}

}  // namespace rackproof
