# Warnings every target of ours is compiled with; presets add -Werror.
add_library(rackproof_warnings INTERFACE)
target_compile_options(rackproof_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wno-restrict                      # g++ 12 sees overlaps in std::string that are not there (GCC bug 105651)
  -Wno-missing-field-initializers)   # designated initialisers leave the rest at their defaults on purpose
