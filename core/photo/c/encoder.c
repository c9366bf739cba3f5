/* Writing of synthetic photos: rows into a callback. See jpeg.h for how errors travel. */
#include "jpeg.h"

/* Takes `size` bytes; returns non-zero to stop. */
typedef int (*lapor_write)(void *context, const uint8_t *bytes, size_t size);
#define TARGET_BUFFER (16 * 1024)

typedef struct {
  struct jpeg_compress_struct cinfo;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr target;
  struct jpeg_progress_mgr progress;
  jmp_buf jump;
  int code;
  lapor_write write;
  lapor_tick tick;
  void *context;
  JOCTET buffer[TARGET_BUFFER];
} lapor_encoder;

static void encoder_leave(lapor_encoder *e, int code)
{
  e->code = code;
  longjmp(e->jump, 1);
}

static void encoder_error(j_common_ptr cinfo)
{
  encoder_leave((lapor_encoder *)cinfo->client_data, code_for(cinfo->err->msg_code));
}

static void encoder_message(j_common_ptr cinfo, int level)
{
  (void)cinfo;
  (void)level;
}

static void target_begin(j_compress_ptr cinfo)
{
  lapor_encoder *e = (lapor_encoder *)cinfo->client_data;
  e->target.next_output_byte = e->buffer;
  e->target.free_in_buffer = TARGET_BUFFER;
}

static boolean target_empty(j_compress_ptr cinfo)
{
  lapor_encoder *e = (lapor_encoder *)cinfo->client_data;
  /* The library leaves free_in_buffer undefined here: the whole buffer is meant. */
  if (e->write(e->context, e->buffer, TARGET_BUFFER))
    encoder_leave(e, LAPOR_STOPPED);
  target_begin(cinfo);
  return TRUE;
}

static void target_end(j_compress_ptr cinfo)
{
  lapor_encoder *e = (lapor_encoder *)cinfo->client_data;
  size_t size = TARGET_BUFFER - e->target.free_in_buffer;
  if (size > 0 && e->write(e->context, e->buffer, size))
    encoder_leave(e, LAPOR_STOPPED);
}

static void encoder_progress(j_common_ptr cinfo)
{
  lapor_encoder *e = (lapor_encoder *)cinfo->client_data;
  if (e->tick(e->context))
    encoder_leave(e, LAPOR_STOPPED);
}

void lapor_encoder_free(lapor_encoder *e)
{
  if (e == NULL)
    return;
  jpeg_destroy_compress(&e->cinfo);
  free(e);
}

lapor_encoder *lapor_encoder_new(lapor_write write, lapor_tick tick, void *context)
{
  lapor_encoder *e = calloc(1, sizeof(*e));
  if (e == NULL)
    return NULL;
  e->write = write;
  e->tick = tick;
  e->context = context;
  e->cinfo.err = jpeg_std_error(&e->errors);
  e->errors.error_exit = encoder_error;
  e->errors.emit_message = encoder_message;
  e->errors.output_message = say_nothing;
  e->cinfo.client_data = e;
  if (setjmp(e->jump)) {
    lapor_encoder_free(e);
    return NULL;
  }
  jpeg_create_compress(&e->cinfo);
  e->cinfo.client_data = e;
  e->target.init_destination = target_begin;
  e->target.empty_output_buffer = target_empty;
  e->target.term_destination = target_end;
  e->cinfo.dest = &e->target;
  e->progress.progress_monitor = encoder_progress;
  e->cinfo.progress = &e->progress;
  return e;
}

/* `coarseness` is the percentage by which the quantisation tables are multiplied. */
int lapor_encoder_start(lapor_encoder *e, uint32_t width, uint32_t height, int coarseness,
                        int progressive)
{
  if (setjmp(e->jump))
    return e->code;
  e->cinfo.image_width = width;
  e->cinfo.image_height = height;
  e->cinfo.input_components = 3;
  e->cinfo.in_color_space = JCS_RGB;
  jpeg_set_defaults(&e->cinfo);
  jpeg_c_set_bool_param(&e->cinfo, JBOOLEAN_OPTIMIZE_SCANS, FALSE);
  /* A camera's own encoder does not weigh one block against another either. */
  jpeg_c_set_bool_param(&e->cinfo, JBOOLEAN_TRELLIS_QUANT, FALSE);
  jpeg_c_set_bool_param(&e->cinfo, JBOOLEAN_TRELLIS_QUANT_DC, FALSE);
  if (progressive) {
    jpeg_simple_progression(&e->cinfo);
  } else {
    e->cinfo.scan_info = NULL;
    e->cinfo.num_scans = 0;
    e->cinfo.optimize_coding = FALSE;
  }
  jpeg_set_linear_quality(&e->cinfo, coarseness, TRUE);
  jpeg_start_compress(&e->cinfo, TRUE);
  return LAPOR_OK;
}

/* Anything that the library can write, for tests of the decoder. Keep in step with `RawLayout`. */
typedef struct {
  uint32_t width, height;
  int32_t components;  /* of the rows and of the file: 1, 3 or 4 */
  int32_t mixed;       /* stored as brightness and differences */
  int32_t coarseness;
  int32_t factors[4][2];
  int32_t restart_interval; /* in groups, 0 for none */
  int32_t scans;            /* 0: one scan with all, not progressive */
  jpeg_scan_info script[32];
} lapor_layout;

int lapor_encoder_start_as(lapor_encoder *e, const lapor_layout *layout)
{
  int i;
  J_COLOR_SPACE plain, mixed;
  if (setjmp(e->jump))
    return e->code;
  switch (layout->components) {
  case 1:
    plain = mixed = JCS_GRAYSCALE;
    break;
  case 3:
    plain = JCS_RGB;
    mixed = JCS_YCbCr;
    break;
  default:
    plain = JCS_CMYK;
    mixed = JCS_YCCK;
    break;
  }
  e->cinfo.image_width = layout->width;
  e->cinfo.image_height = layout->height;
  e->cinfo.input_components = layout->components;
  e->cinfo.in_color_space = plain;
  jpeg_set_defaults(&e->cinfo);
  jpeg_c_set_bool_param(&e->cinfo, JBOOLEAN_OPTIMIZE_SCANS, FALSE);
  jpeg_c_set_bool_param(&e->cinfo, JBOOLEAN_TRELLIS_QUANT, FALSE);
  jpeg_c_set_bool_param(&e->cinfo, JBOOLEAN_TRELLIS_QUANT_DC, FALSE);
  jpeg_set_colorspace(&e->cinfo, layout->mixed ? mixed : plain);
  jpeg_set_linear_quality(&e->cinfo, layout->coarseness, TRUE);
  for (i = 0; i < layout->components; i++) {
    e->cinfo.comp_info[i].h_samp_factor = layout->factors[i][0];
    e->cinfo.comp_info[i].v_samp_factor = layout->factors[i][1];
  }
  e->cinfo.optimize_coding = TRUE;
  e->cinfo.restart_interval = (unsigned int)layout->restart_interval;
  e->cinfo.scan_info = layout->scans > 0 ? layout->script : NULL;
  e->cinfo.num_scans = layout->scans;
  jpeg_start_compress(&e->cinfo, TRUE);
  return LAPOR_OK;
}

/* After start and before the first row. */
int lapor_encoder_marker(lapor_encoder *e, int marker, const uint8_t *bytes, uint32_t size)
{
  if (setjmp(e->jump))
    return e->code;
  jpeg_write_marker(&e->cinfo, marker, bytes, size);
  return LAPOR_OK;
}

/* `pixels` holds whole rows of width * components bytes. */
int lapor_encoder_rows(lapor_encoder *e, const uint8_t *pixels, size_t size)
{
  size_t stride, offset;
  if (setjmp(e->jump))
    return e->code;
  stride = (size_t)e->cinfo.image_width * (size_t)e->cinfo.input_components;
  for (offset = 0; offset + stride <= size; offset += stride) {
    JSAMPROW rows[1];
    rows[0] = (JSAMPROW)(pixels + offset);
    jpeg_write_scanlines(&e->cinfo, rows, 1);
  }
  return LAPOR_OK;
}

int lapor_encoder_finish(lapor_encoder *e)
{
  if (setjmp(e->jump))
    return e->code;
  jpeg_finish_compress(&e->cinfo);
  return LAPOR_OK;
}
