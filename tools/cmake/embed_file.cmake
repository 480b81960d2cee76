# Run by callsheet_embed: writes INPUT's bytes as a C++ array. Bytes, not a raw string: no length or delimiter limits.
file(READ ${INPUT} hex HEX)
string(LENGTH "${hex}" length)
math(EXPR bytes "${length} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," array "${hex}")
file(WRITE ${OUTPUT} "#include <string_view>
namespace callsheet::assets {
namespace {
char const bytes[] = {${array}'\\0'};
}
extern std::string_view const ${SYMBOL};
std::string_view const ${SYMBOL}{bytes, ${bytes}};
}
")
