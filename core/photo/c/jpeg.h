/*
 * The C side of the JPEG library: every call of it happens in decoder.c and encoder.c.
 *
 * libjpeg reports an error by a function that must not return. Here it is answered by longjmp, and a
 * jump passes C frames only: each entry point sets its own target before it calls the library, and
 * the callbacks into Rust have returned before anything jumps. So no unwinding goes through C, and a
 * program built with panic=abort behaves the same.
 *
 * Nothing is decided here but which warnings of the library mean that picture data is missing.
 */
#ifndef LAPOR_JPEG_H
#define LAPOR_JPEG_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* Keep in step with `answer` in src/jpeg/ffi.rs. */
enum {
  LAPOR_OK = 0,
  LAPOR_DAMAGED = 1,
  LAPOR_TRUNCATED = 2,
  LAPOR_UNSUPPORTED = 3,
  LAPOR_MEMORY = 4,
  LAPOR_STOPPED = 5
};

/* Called now and then in long passes; returns non-zero to stop. */
typedef int (*lapor_tick)(void *context);

static inline int code_for(int message)
{
  switch (message) {
  case JERR_OUT_OF_MEMORY:
  case JERR_NO_BACKING_STORE:
    return LAPOR_MEMORY;
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_SOF_UNSUPPORTED:
  case JERR_CCIR601_NOTIMPL:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_COMPONENT_COUNT:
  case JERR_NOTIMPL:
  case JERR_NOT_COMPILED:
    return LAPOR_UNSUPPORTED;
  default:
    return LAPOR_DAMAGED;
  }
}

static inline void say_nothing(j_common_ptr cinfo) { (void)cinfo; }

#endif
