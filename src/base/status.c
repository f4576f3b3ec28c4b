/* status.c - status texts and the filling of lido_error. */
#include <lido/base.h>

#include <stdio.h>
#include <string.h>

static const char *const texts[] = {
#define LIDO_STATUS_STRING(name, text) [LIDO_##name] = text,
    LIDO_STATUS_TABLE(LIDO_STATUS_STRING)
#undef LIDO_STATUS_STRING
};

const char *lido_status_text(lido_status status) {
    size_t index = (size_t)status;
    return index < sizeof texts / sizeof *texts ? texts[index] : "unknown status";
}

lido_status lido_fail(lido_error *error, lido_status status, const char *format, ...) {
    if (!error) return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

lido_status lido_fail_in(lido_error *error, lido_status status, const char *format, ...) {
    if (!error) return status;
    error->status = status;
    char inner[sizeof error->message];
    memcpy(inner, error->message, sizeof inner);
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    if (used < 0 || (size_t)used + sizeof ": " >= sizeof error->message) return status;
    size_t room = sizeof error->message - (size_t)used;
    snprintf(error->message + used, room, ": %.*s", (int)(room - sizeof ": "), inner);
    return status;
}
