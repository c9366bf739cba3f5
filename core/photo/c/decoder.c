/* Reading: rows of a file, at a scale, from a callback. See jpeg.h for how errors travel. */
#include "jpeg.h"

/* Fills at most `room` bytes; returns how many, 0 at the end, negative to stop. */
typedef ptrdiff_t (*lapor_read)(void *context, uint8_t *into, size_t room);
#define SOURCE_BUFFER (64 * 1024)
/* Real files have about ten scans; a thousand empty ones would cost minutes. */
#define MAX_SCANS 100
/* Of several scans so many may be left at the end of the file: a reader may have them at hand. */
#define MOST_LEFT 8

typedef struct {
  struct jpeg_decompress_struct cinfo;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf jump;
  int code;       /* why the last call jumped */
  int at_end;     /* the file has ended, a made-up end marker was fed */
  int leftovers;  /* so many bytes that belong to nothing lay before a marker */
  lapor_read read;
  lapor_tick tick;
  void *context;
  JOCTET buffer[SOURCE_BUFFER];
} lapor_decoder;

typedef struct {
  uint32_t width, height;
  int32_t components;
  int32_t many_scans; /* all coefficients must be held at once */
  int32_t adobe;      /* an Adobe marker was seen: four-colour values are inverted */
} lapor_header;

typedef struct {
  uint32_t width, height;
  int32_t channels; /* 3 RGB, 4 CMYK */
} lapor_frame;

static void decoder_leave(lapor_decoder *d, int code)
{
  d->code = code;
  longjmp(d->jump, 1);
}

static void decoder_error(j_common_ptr cinfo)
{
  lapor_decoder *d = (lapor_decoder *)cinfo->client_data;
  int code = code_for(cinfo->err->msg_code);
  if (code == LAPOR_DAMAGED && d->at_end)
    code = LAPOR_TRUNCATED;
  decoder_leave(d, code);
}

static void decoder_message(j_common_ptr cinfo, int level)
{
  lapor_decoder *d = (lapor_decoder *)cinfo->client_data;
  if (level >= 0)
    return;
  switch (cinfo->err->msg_code) {
  /* The library would go on and paint gray: the picture has a hole. */
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_MUST_RESYNC:
    decoder_leave(d, d->at_end ? LAPOR_TRUNCATED : LAPOR_DAMAGED);
    break;
  case JWRN_EXTRANEOUS_DATA:
    d->leftovers = cinfo->err->msg_parm.i[0];
    break;
  default:
    break;
  }
}

static void source_begin(j_decompress_ptr cinfo) { (void)cinfo; }

static boolean source_fill(j_decompress_ptr cinfo)
{
  lapor_decoder *d = (lapor_decoder *)cinfo->client_data;
  ptrdiff_t got = d->at_end ? 0 : d->read(d->context, d->buffer, SOURCE_BUFFER);
  if (got < 0 || got > SOURCE_BUFFER)
    decoder_leave(d, LAPOR_STOPPED);
  if (got == 0) {
    d->at_end = 1;
    d->leftovers = 0; /* what lay before earlier markers does not count */
    d->buffer[0] = 0xFF;
    d->buffer[1] = JPEG_EOI;
    got = 2;
  }
  d->source.next_input_byte = d->buffer;
  d->source.bytes_in_buffer = (size_t)got;
  return TRUE;
}

static void source_skip(j_decompress_ptr cinfo, long count)
{
  lapor_decoder *d = (lapor_decoder *)cinfo->client_data;
  while (count > 0 && (size_t)count > d->source.bytes_in_buffer) {
    count -= (long)d->source.bytes_in_buffer;
    source_fill(cinfo);
    if (d->at_end)
      return;
  }
  if (count > 0) {
    d->source.next_input_byte += count;
    d->source.bytes_in_buffer -= (size_t)count;
  }
}

static void source_end(j_decompress_ptr cinfo) { (void)cinfo; }

static void decoder_progress(j_common_ptr cinfo)
{
  lapor_decoder *d = (lapor_decoder *)cinfo->client_data;
  if (d->cinfo.input_scan_number > MAX_SCANS)
    decoder_leave(d, LAPOR_UNSUPPORTED);
  if (d->tick(d->context))
    decoder_leave(d, LAPOR_STOPPED);
}

void lapor_decoder_free(lapor_decoder *d)
{
  if (d == NULL)
    return;
  jpeg_destroy_decompress(&d->cinfo);
  free(d);
}

/* NULL when there is no memory for it. */
lapor_decoder *lapor_decoder_new(lapor_read read, lapor_tick tick, void *context,
                                 size_t memory_limit)
{
  lapor_decoder *d = calloc(1, sizeof(*d));
  if (d == NULL)
    return NULL;
  d->read = read;
  d->tick = tick;
  d->context = context;
  d->cinfo.err = jpeg_std_error(&d->errors);
  d->errors.error_exit = decoder_error;
  d->errors.emit_message = decoder_message;
  d->errors.output_message = say_nothing;
  d->cinfo.client_data = d;
  if (setjmp(d->jump)) {
    lapor_decoder_free(d);
    return NULL;
  }
  jpeg_create_decompress(&d->cinfo);
  d->cinfo.client_data = d;
  d->cinfo.mem->max_memory_to_use = (long)memory_limit;
  d->source.init_source = source_begin;
  d->source.fill_input_buffer = source_fill;
  d->source.skip_input_data = source_skip;
  d->source.resync_to_restart = jpeg_resync_to_restart;
  d->source.term_source = source_end;
  d->cinfo.src = &d->source;
  d->progress.progress_monitor = decoder_progress;
  d->cinfo.progress = &d->progress;
  return d;
}

int lapor_decoder_header(lapor_decoder *d, lapor_header *out)
{
  if (setjmp(d->jump))
    return d->code;
  jpeg_read_header(&d->cinfo, TRUE);
  out->width = d->cinfo.image_width;
  out->height = d->cinfo.image_height;
  out->components = d->cinfo.num_components;
  out->many_scans = jpeg_has_multiple_scans(&d->cinfo) ? 1 : 0;
  out->adobe = d->cinfo.saw_Adobe_marker ? 1 : 0;
  return LAPOR_OK;
}

/* Whether the scans that came tell every coefficient down to its last bit. */
static int all_told(j_decompress_ptr cinfo)
{
  for (int c = 0; c < cinfo->num_components; c++) {
    if (cinfo->comp_info[c].quant_table == NULL)
      return 0; /* no scan of it came */
    for (int i = 0; cinfo->coef_bits != NULL && i < DCTSIZE2; i++)
      if (cinfo->coef_bits[c][i] != 0)
        return 0;
  }
  return 1;
}

/* `eighths` is 1, 2, 4 or 8: the sizes at which the inverse DCT has assembly. */
int lapor_decoder_start(lapor_decoder *d, int eighths, lapor_frame *out)
{
  if (setjmp(d->jump))
    return d->code;
  switch (d->cinfo.num_components) {
  case 1:
  case 3:
    d->cinfo.out_color_space = JCS_RGB;
    break;
  case 4:
    d->cinfo.out_color_space = JCS_CMYK;
    break;
  default:
    return LAPOR_UNSUPPORTED;
  }
  d->cinfo.scale_num = (unsigned int)eighths;
  d->cinfo.scale_denom = 8;
  d->cinfo.dct_method = JDCT_ISLOW;
  /* It would carry a block's brightness two blocks far, also out of what is covered. */
  d->cinfo.do_block_smoothing = FALSE;
  jpeg_start_decompress(&d->cinfo);
  /* With several scans everything has been read by now. One that merely lacks its end marker is whole. */
  if (d->at_end && jpeg_has_multiple_scans(&d->cinfo) && (d->leftovers > MOST_LEFT || !all_told(&d->cinfo)))
    return LAPOR_TRUNCATED;
  out->width = d->cinfo.output_width;
  out->height = d->cinfo.output_height;
  out->channels = d->cinfo.output_components;
  return LAPOR_OK;
}

/* Writes exactly one row of width * channels bytes. */
int lapor_decoder_row(lapor_decoder *d, uint8_t *row, size_t size)
{
  JSAMPROW rows[1];
  if (setjmp(d->jump))
    return d->code;
  if (size != (size_t)d->cinfo.output_width * (size_t)d->cinfo.output_components)
    return LAPOR_UNSUPPORTED;
  rows[0] = row;
  if (jpeg_read_scanlines(&d->cinfo, rows, 1) != 1)
    return LAPOR_DAMAGED;
#ifdef LAPOR_PLANTED_OVERFLOW
  row[size] = 0; /* a fault on purpose: `make asan` must see it */
#endif
  return LAPOR_OK;
}

/*
 * To be called after the last row. A file that merely lacks its end marker is whole. One whose
 * picture data ended early, while other bytes (zeros of a copy cut short) follow and no end, is not.
 */
int lapor_decoder_finish(lapor_decoder *d)
{
  if (setjmp(d->jump))
    return d->code;
  d->leftovers = 0;
  jpeg_finish_decompress(&d->cinfo);
  return d->at_end && d->leftovers ? LAPOR_TRUNCATED : LAPOR_OK;
}
