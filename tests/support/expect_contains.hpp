#pragma once

#include <gtest/gtest.h>

#include <string>

/// Fails with the whole text where `part` is not in it.
#define EXPECT_CONTAINS(text, part)                                                              \
    EXPECT_PRED2([](std::string const& t, std::string const& p) { return t.contains(p); }, text, \
                 part)
