// SPDX-License-Identifier: Apache-2.0
// For tests: the vector loops as each instruction set of this CPU has them.
#pragma once

#include "core/each_target_for_test.h"
