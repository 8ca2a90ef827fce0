// SPDX-License-Identifier: Apache-2.0
// Which instruction sets the kernels are compiled for; to be included before Highway's headers.
#pragma once

#include "core/vector_targets.h"
