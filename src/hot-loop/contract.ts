/**
 * What the two hot loops and TypeScript agree on. Both compilers read this file, so it holds nothing but
 * `export const NAME = number`: AssemblyScript sees 32-bit integers in them.
 *
 * A word is 32 bits of a struct in the memory that they share. `wasm/layouts.ts` does not compile where a field of a
 * struct is not the word that is said here, `words.ts` where TypeScript leaves out one of them.
 */

// Bits of a field's flags: such a byte is in it, so that a plain copy is not enough.
/** A doubled quote, which stands for one. */
export const FLAG_QUOTE = 1
/** A byte that CEF escapes: `\`, `=`, LF, CR. */
export const FLAG_ESCAPE = 2
/** A control character other than TAB, LF, CR. */
export const FLAG_CONTROL = 4
/** A byte of 0x80 or above. */
export const FLAG_HIGH = 8

/** In place of a column, or of a number of them: none. */
export const NO_COLUMN = 0xffffffff
/** The shape of a field is put together from these bits: it is blank, */
export const SHAPE_BLANK = 1
/** it holds `.` or `:`, as a full name of a host and an address do, */
export const SHAPE_DOTTED = 2
/** it holds a backslash. */
export const SHAPE_BACKSLASH = 4

/** Most bytes that are read, or written with anything, behind the end of a field, a row or a frame. */
export const SLACK_BYTES = 128
/** Room for one of the things that were made before, with what it was made of. */
export const SLOT_BYTES = 192
/** Of so many inputs at most. */
export const MOST_INPUTS = 14
/** Room for what an input held. */
export const KNOWN_BYTES = 128
/** Before the first of them: the last number, and hashes of what came once, a power of two of them. */
export const CAME_ONCE = 4096
export const KNOWN_HEAD_BYTES = 16400
/** Room for where all lies that was made of a row, of so many inputs and values at most: of more it is not looked for. */
export const ROW_BYTES = 328
export const MOST_ROW_INPUTS = 14
export const MOST_ROW_VALUES = 32
/** Texts that are looked for each have a bit; those from here on share one. */
export const LAST_TEXT = 31
/** Address and length of the text that a syslog header of this severity begins with. */
export const PRIORITY_BYTES = 8
/** Longest syslog header: PRI, RFC 5424 time with offset, host of 255 characters, the rest. */
export const SYSLOG_HEADER_MAX_BYTES = 320
/** `CEF:`, with which an event line begins. */
export const HEADER_MARK_BYTES = 4

// What `split` returns.
/** All rows are done. */
export const STATUS_DONE = 0
/** A row is to be looked at by somebody else. */
export const STATUS_ODD = 1
/** The tables are full. */
export const STATUS_FULL = 2

// How a value is made of a field.
export const KIND_TEXT = 0
export const KIND_INTEGER = 1
export const KIND_TIME = 2
export const KIND_IPV4 = 3
export const KIND_IPV6 = 4
export const KIND_IP = 5
/** All that is written is what stands in front of a value of other kinds. */
export const KIND_FIXED = 6
/** The receipt time, which the job has. */
export const KIND_RECEIPT = 7
/** Text of one column in every row, as most values are. */
export const KIND_PLAIN = 8

// Which syslog header.
export const SYSLOG_NONE = 0
/** The event's time in UTC as in RFC 3164, */
export const SYSLOG_RFC_3164 = 1
/** or as it stands in the log. */
export const SYSLOG_ISO_8601 = 2
/** The text between PRI and host is the same for all rows of the batch. */
export const SYSLOG_FIXED = 3
/** Each header is written by the host. */
export const SYSLOG_HOST = 4

// What goes around a message.
export const FRAMING_DATAGRAM = 0
export const FRAMING_LF = 1
export const FRAMING_OCTETS = 2

// Which characters beyond ASCII are replaced: see encode/unicode-controls.ts.
export const CONTROLS_KEEP = 0
export const CONTROLS_BREAKS = 1
export const CONTROLS_ALL = 2

// The words of `SplitJob`; what they mean says wasm/split.ts.
export const SPLIT_BASE = 0
export const SPLIT_AT = 1
export const SPLIT_END = 2
export const SPLIT_COLUMNS = 3
export const SPLIT_STARTS = 4
export const SPLIT_ENDS = 5
export const SPLIT_FLAGS = 6
export const SPLIT_ROW_STARTS = 7
export const SPLIT_ROW_ENDS = 8
export const SPLIT_FIELDS = 9
export const SPLIT_ROWS = 10
export const SPLIT_FIELD_CAPACITY = 11
export const SPLIT_ROW_CAPACITY = 12
export const SPLIT_ODD_START = 13
export const SPLIT_ODD_END = 14
export const SPLIT_ODD_FIELDS = 15
export const SPLIT_TIME_COLUMN = 16

// The words of `EncodeJob`; what they mean says wasm/job.ts.
export const ENCODE_BYTES = 0
export const ENCODE_STARTS = 1
export const ENCODE_ENDS = 2
export const ENCODE_FLAGS = 3
export const ENCODE_COLUMNS = 4
export const ENCODE_ROWS = 5
export const ENCODE_COUNT = 6
export const ENCODE_IS_VALID_UTF8 = 7
export const ENCODE_OPS = 8
export const ENCODE_FIELD_COUNT = 9
export const ENCODE_DEVICE_COUNT = 10
export const ENCODE_ADDITIONAL_COUNT = 11
export const ENCODE_TRAILER = 12
export const ENCODE_TRAILER_LENGTH = 13
export const ENCODE_SLOTS = 14
export const ENCODE_SLOT_MASK = 15
export const ENCODE_KNOWN = 16
export const ENCODE_KNOWN_MASK = 17
export const ENCODE_INPUTS = 18
export const ENCODE_INPUT_COUNT = 19
export const ENCODE_SIDES = 20
export const ENCODE_ROW_WORDS = 21
export const ENCODE_ROW_WORD_COUNT = 22
export const ENCODE_ROW_SLOTS = 23
export const ENCODE_ROW_SLOT_MASK = 24
export const ENCODE_SOURCE = 25
export const ENCODE_SYSLOG = 26
export const ENCODE_PRIORITIES = 27
export const ENCODE_TIME = 28
export const ENCODE_TIME_LENGTH = 29
export const ENCODE_HOST = 30
export const ENCODE_HOST_LENGTH = 31
export const ENCODE_TIME_COLUMN = 32
export const ENCODE_FRAMING = 33
export const ENCODE_MAX_MESSAGE = 34
export const ENCODE_PROTECTS_HEADER = 35
export const ENCODE_CONTROLS = 36
export const ENCODE_OUT = 37
export const ENCODE_OUT_END = 38
export const ENCODE_ROW_RESERVE = 39
export const ENCODE_OUT_BASE = 40
export const ENCODE_FRAME_ENDS = 41
export const ENCODE_CUT = 42
export const ENCODE_BROKEN = 43
export const ENCODE_HAS_OVERFLOW = 44
export const ENCODE_IS_KEEPABLE = 45
export const ENCODE_SEVERITY = 46
export const ENCODE_RECEIPT = 47
export const ENCODE_RECEIPT_LENGTH = 48

// The words of `Op`, and how many they are; what they mean says wasm/job.ts.
export const OP_KIND = 0
export const OP_COLUMN = 1
export const OP_IS_DERIVED = 2
export const OP_PREFIX = 3
export const OP_PREFIX_LENGTH = 4
export const OP_LIMIT = 5
export const OP_WHEN_COLUMN = 6
export const OP_VALUES = 7
export const OP_VALUE_COUNT = 8
export const OP_NEGATE = 9
export const OP_LABEL = 10
export const OP_LABEL_LENGTH = 11
export const OP_IS_PRESENT = 12
export const OP_INPUTS = 13
export const OP_INPUT_COUNT = 14
export const OP_UNLESS = 15
export const OP_CHOOSES = 16
export const OP_ROW_PLACE = 17
export const WORDS_OF_OP = 18

// The words of `Input`, and how many they are; what they mean says wasm/inputs.ts.
export const INPUT_COLUMN = 0
export const INPUT_IS_WHOLE = 1
export const INPUT_HAS_SHAPE = 2
export const INPUT_TEXTS = 3
export const INPUT_TEXT_COUNT = 4
export const INPUT_OWN_BITS = 5
export const INPUT_LAST = 6
export const INPUT_NUMBER = 7
export const INPUT_SHAPE = 8
export const INPUT_BLANKNESS = 9
export const WORDS_OF_INPUT = 10

// The words of `Sides`, and how many they are; what they mean says wasm/sides.ts.
export const SIDES_SOURCE = 0
export const SIDES_CLIENT_NAME = 1
export const SIDES_CLIENT_ADDRESS = 2
export const SIDES_SERVER_NAME = 3
export const SIDES_SERVER_ADDRESS = 4
export const SIDES_SAMENESS = 5
export const WORDS_OF_SIDES = 6

// The words of `Text`, and how many they are; what they mean says wasm/inputs.ts.
export const TEXT_AT = 0
export const TEXT_LENGTH = 1
export const TEXT_BIT = 2
export const TEXT_PLACES = 3
export const WORDS_OF_TEXT = 4
