# Warnings and sanitizers as properties of a target; warnings are errors on request (CI builds with
# both gcc and clang).
function(lido_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
        -Wvla -Wmissing-prototypes -Wstrict-prototypes $<$<BOOL:${LIDO_WERROR}>:-Werror>
        # sizes that are enumeration constants take part in sums as they are
        $<$<C_COMPILER_ID:Clang>:-Wno-enum-float-conversion>)
    if(LIDO_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${LIDO_SANITIZE} -fno-omit-frame-pointer
                               -fno-sanitize-recover=all)
        target_link_options(${target} PUBLIC -fsanitize=${LIDO_SANITIZE})
        target_compile_definitions(${target} PRIVATE LIDO_SANITIZED)
    endif()
endfunction()
