/**
 * Holds the structs to the words that contract.ts says, by which TypeScript reads and writes them: with a field that
 * stands elsewhere, or one more, this does not compile.
 */
import {
  SPLIT_BASE, SPLIT_AT, SPLIT_END, SPLIT_COLUMNS, SPLIT_STARTS, SPLIT_ENDS, SPLIT_FLAGS, SPLIT_ROW_STARTS,
  SPLIT_ROW_ENDS, SPLIT_FIELDS, SPLIT_ROWS, SPLIT_FIELD_CAPACITY, SPLIT_ROW_CAPACITY, SPLIT_ODD_START,
  SPLIT_ODD_END, SPLIT_ODD_FIELDS, SPLIT_TIME_COLUMN,
  ENCODE_BYTES, ENCODE_STARTS, ENCODE_ENDS, ENCODE_FLAGS, ENCODE_COLUMNS, ENCODE_ROWS, ENCODE_COUNT,
  ENCODE_IS_VALID_UTF8, ENCODE_OPS, ENCODE_FIELD_COUNT, ENCODE_DEVICE_COUNT, ENCODE_ADDITIONAL_COUNT,
  ENCODE_TRAILER, ENCODE_TRAILER_LENGTH, ENCODE_SLOTS, ENCODE_SLOT_MASK, ENCODE_KNOWN,
  ENCODE_KNOWN_MASK, ENCODE_INPUTS, ENCODE_INPUT_COUNT, ENCODE_SIDES, ENCODE_ROW_WORDS, ENCODE_ROW_WORD_COUNT, ENCODE_ROW_SLOTS,
  ENCODE_ROW_SLOT_MASK, ENCODE_SOURCE, ENCODE_SYSLOG,
  ENCODE_PRIORITIES, ENCODE_TIME, ENCODE_TIME_LENGTH, ENCODE_HOST, ENCODE_HOST_LENGTH, ENCODE_TIME_COLUMN,
  ENCODE_FRAMING, ENCODE_MAX_MESSAGE, ENCODE_PROTECTS_HEADER, ENCODE_CONTROLS, ENCODE_OUT, ENCODE_OUT_END,
  ENCODE_ROW_RESERVE, ENCODE_OUT_BASE, ENCODE_FRAME_ENDS, ENCODE_CUT, ENCODE_BROKEN, ENCODE_HAS_OVERFLOW,
  ENCODE_IS_KEEPABLE, ENCODE_SEVERITY,
  ENCODE_RECEIPT, ENCODE_RECEIPT_LENGTH,
  OP_KIND, OP_COLUMN, OP_IS_DERIVED, OP_PREFIX, OP_PREFIX_LENGTH, OP_LIMIT, OP_WHEN_COLUMN, OP_VALUES,
  OP_VALUE_COUNT, OP_NEGATE, OP_LABEL, OP_LABEL_LENGTH, OP_IS_PRESENT, OP_INPUTS, OP_INPUT_COUNT,
  OP_UNLESS, OP_CHOOSES, OP_ROW_PLACE, WORDS_OF_OP,
  INPUT_COLUMN, INPUT_IS_WHOLE, INPUT_HAS_SHAPE, INPUT_TEXTS, INPUT_TEXT_COUNT, INPUT_OWN_BITS, INPUT_LAST, INPUT_NUMBER,
  INPUT_SHAPE, INPUT_BLANKNESS, WORDS_OF_INPUT,
  SIDES_SOURCE, SIDES_CLIENT_NAME, SIDES_CLIENT_ADDRESS, SIDES_SERVER_NAME, SIDES_SERVER_ADDRESS, SIDES_SAMENESS,
  WORDS_OF_SIDES, TEXT_AT, TEXT_LENGTH, TEXT_BIT, TEXT_PLACES, WORDS_OF_TEXT,
} from '../contract'
import { Input, Text } from './inputs'
import { EncodeJob, Op } from './job'
import { Sides } from './sides'
import { SplitJob } from './split'

if (offsetof<SplitJob>('base') != SPLIT_BASE << 2) ERROR('SplitJob.base')
if (offsetof<SplitJob>('at') != SPLIT_AT << 2) ERROR('SplitJob.at')
if (offsetof<SplitJob>('end') != SPLIT_END << 2) ERROR('SplitJob.end')
if (offsetof<SplitJob>('columns') != SPLIT_COLUMNS << 2) ERROR('SplitJob.columns')
if (offsetof<SplitJob>('starts') != SPLIT_STARTS << 2) ERROR('SplitJob.starts')
if (offsetof<SplitJob>('ends') != SPLIT_ENDS << 2) ERROR('SplitJob.ends')
if (offsetof<SplitJob>('flags') != SPLIT_FLAGS << 2) ERROR('SplitJob.flags')
if (offsetof<SplitJob>('rowStarts') != SPLIT_ROW_STARTS << 2) ERROR('SplitJob.rowStarts')
if (offsetof<SplitJob>('rowEnds') != SPLIT_ROW_ENDS << 2) ERROR('SplitJob.rowEnds')
if (offsetof<SplitJob>('fields') != SPLIT_FIELDS << 2) ERROR('SplitJob.fields')
if (offsetof<SplitJob>('rows') != SPLIT_ROWS << 2) ERROR('SplitJob.rows')
if (offsetof<SplitJob>('fieldCapacity') != SPLIT_FIELD_CAPACITY << 2) ERROR('SplitJob.fieldCapacity')
if (offsetof<SplitJob>('rowCapacity') != SPLIT_ROW_CAPACITY << 2) ERROR('SplitJob.rowCapacity')
if (offsetof<SplitJob>('oddStart') != SPLIT_ODD_START << 2) ERROR('SplitJob.oddStart')
if (offsetof<SplitJob>('oddEnd') != SPLIT_ODD_END << 2) ERROR('SplitJob.oddEnd')
if (offsetof<SplitJob>('oddFields') != SPLIT_ODD_FIELDS << 2) ERROR('SplitJob.oddFields')
if (offsetof<SplitJob>('timeColumn') != SPLIT_TIME_COLUMN << 2) ERROR('SplitJob.timeColumn')
if (offsetof<SplitJob>() != (SPLIT_TIME_COLUMN + 1) << 2) ERROR('SplitJob has more words')

if (offsetof<EncodeJob>('bytes') != ENCODE_BYTES << 2) ERROR('EncodeJob.bytes')
if (offsetof<EncodeJob>('starts') != ENCODE_STARTS << 2) ERROR('EncodeJob.starts')
if (offsetof<EncodeJob>('ends') != ENCODE_ENDS << 2) ERROR('EncodeJob.ends')
if (offsetof<EncodeJob>('flags') != ENCODE_FLAGS << 2) ERROR('EncodeJob.flags')
if (offsetof<EncodeJob>('columns') != ENCODE_COLUMNS << 2) ERROR('EncodeJob.columns')
if (offsetof<EncodeJob>('rows') != ENCODE_ROWS << 2) ERROR('EncodeJob.rows')
if (offsetof<EncodeJob>('count') != ENCODE_COUNT << 2) ERROR('EncodeJob.count')
if (offsetof<EncodeJob>('isValidUtf8') != ENCODE_IS_VALID_UTF8 << 2) ERROR('EncodeJob.isValidUtf8')
if (offsetof<EncodeJob>('ops') != ENCODE_OPS << 2) ERROR('EncodeJob.ops')
if (offsetof<EncodeJob>('fieldCount') != ENCODE_FIELD_COUNT << 2) ERROR('EncodeJob.fieldCount')
if (offsetof<EncodeJob>('deviceCount') != ENCODE_DEVICE_COUNT << 2) ERROR('EncodeJob.deviceCount')
if (offsetof<EncodeJob>('additionalCount') != ENCODE_ADDITIONAL_COUNT << 2) ERROR('EncodeJob.additionalCount')
if (offsetof<EncodeJob>('trailer') != ENCODE_TRAILER << 2) ERROR('EncodeJob.trailer')
if (offsetof<EncodeJob>('trailerLength') != ENCODE_TRAILER_LENGTH << 2) ERROR('EncodeJob.trailerLength')
if (offsetof<EncodeJob>('slots') != ENCODE_SLOTS << 2) ERROR('EncodeJob.slots')
if (offsetof<EncodeJob>('slotMask') != ENCODE_SLOT_MASK << 2) ERROR('EncodeJob.slotMask')
if (offsetof<EncodeJob>('known') != ENCODE_KNOWN << 2) ERROR('EncodeJob.known')
if (offsetof<EncodeJob>('knownMask') != ENCODE_KNOWN_MASK << 2) ERROR('EncodeJob.knownMask')
if (offsetof<EncodeJob>('inputs') != ENCODE_INPUTS << 2) ERROR('EncodeJob.inputs')
if (offsetof<EncodeJob>('inputCount') != ENCODE_INPUT_COUNT << 2) ERROR('EncodeJob.inputCount')
if (offsetof<EncodeJob>('sides') != ENCODE_SIDES << 2) ERROR('EncodeJob.sides')
if (offsetof<EncodeJob>('rowWords') != ENCODE_ROW_WORDS << 2) ERROR('EncodeJob.rowWords')
if (offsetof<EncodeJob>('rowWordCount') != ENCODE_ROW_WORD_COUNT << 2) ERROR('EncodeJob.rowWordCount')
if (offsetof<EncodeJob>('rowSlots') != ENCODE_ROW_SLOTS << 2) ERROR('EncodeJob.rowSlots')
if (offsetof<EncodeJob>('rowSlotMask') != ENCODE_ROW_SLOT_MASK << 2) ERROR('EncodeJob.rowSlotMask')
if (offsetof<EncodeJob>('source') != ENCODE_SOURCE << 2) ERROR('EncodeJob.source')
if (offsetof<EncodeJob>('syslog') != ENCODE_SYSLOG << 2) ERROR('EncodeJob.syslog')
if (offsetof<EncodeJob>('priorities') != ENCODE_PRIORITIES << 2) ERROR('EncodeJob.priorities')
if (offsetof<EncodeJob>('time') != ENCODE_TIME << 2) ERROR('EncodeJob.time')
if (offsetof<EncodeJob>('timeLength') != ENCODE_TIME_LENGTH << 2) ERROR('EncodeJob.timeLength')
if (offsetof<EncodeJob>('host') != ENCODE_HOST << 2) ERROR('EncodeJob.host')
if (offsetof<EncodeJob>('hostLength') != ENCODE_HOST_LENGTH << 2) ERROR('EncodeJob.hostLength')
if (offsetof<EncodeJob>('timeColumn') != ENCODE_TIME_COLUMN << 2) ERROR('EncodeJob.timeColumn')
if (offsetof<EncodeJob>('framing') != ENCODE_FRAMING << 2) ERROR('EncodeJob.framing')
if (offsetof<EncodeJob>('maxMessage') != ENCODE_MAX_MESSAGE << 2) ERROR('EncodeJob.maxMessage')
if (offsetof<EncodeJob>('protectsHeader') != ENCODE_PROTECTS_HEADER << 2) ERROR('EncodeJob.protectsHeader')
if (offsetof<EncodeJob>('controls') != ENCODE_CONTROLS << 2) ERROR('EncodeJob.controls')
if (offsetof<EncodeJob>('out') != ENCODE_OUT << 2) ERROR('EncodeJob.out')
if (offsetof<EncodeJob>('outEnd') != ENCODE_OUT_END << 2) ERROR('EncodeJob.outEnd')
if (offsetof<EncodeJob>('rowReserve') != ENCODE_ROW_RESERVE << 2) ERROR('EncodeJob.rowReserve')
if (offsetof<EncodeJob>('outBase') != ENCODE_OUT_BASE << 2) ERROR('EncodeJob.outBase')
if (offsetof<EncodeJob>('frameEnds') != ENCODE_FRAME_ENDS << 2) ERROR('EncodeJob.frameEnds')
if (offsetof<EncodeJob>('cut') != ENCODE_CUT << 2) ERROR('EncodeJob.cut')
if (offsetof<EncodeJob>('broken') != ENCODE_BROKEN << 2) ERROR('EncodeJob.broken')
if (offsetof<EncodeJob>('hasOverflow') != ENCODE_HAS_OVERFLOW << 2) ERROR('EncodeJob.hasOverflow')
if (offsetof<EncodeJob>('isKeepable') != ENCODE_IS_KEEPABLE << 2) ERROR('EncodeJob.isKeepable')
if (offsetof<EncodeJob>('severity') != ENCODE_SEVERITY << 2) ERROR('EncodeJob.severity')
if (offsetof<EncodeJob>('receipt') != ENCODE_RECEIPT << 2) ERROR('EncodeJob.receipt')
if (offsetof<EncodeJob>('receiptLength') != ENCODE_RECEIPT_LENGTH << 2) ERROR('EncodeJob.receiptLength')
if (offsetof<EncodeJob>() != (ENCODE_RECEIPT_LENGTH + 1) << 2) ERROR('EncodeJob has more words')

if (offsetof<Op>('kind') != OP_KIND << 2) ERROR('Op.kind')
if (offsetof<Op>('column') != OP_COLUMN << 2) ERROR('Op.column')
if (offsetof<Op>('isDerived') != OP_IS_DERIVED << 2) ERROR('Op.isDerived')
if (offsetof<Op>('prefix') != OP_PREFIX << 2) ERROR('Op.prefix')
if (offsetof<Op>('prefixLength') != OP_PREFIX_LENGTH << 2) ERROR('Op.prefixLength')
if (offsetof<Op>('limit') != OP_LIMIT << 2) ERROR('Op.limit')
if (offsetof<Op>('whenColumn') != OP_WHEN_COLUMN << 2) ERROR('Op.whenColumn')
if (offsetof<Op>('values') != OP_VALUES << 2) ERROR('Op.values')
if (offsetof<Op>('valueCount') != OP_VALUE_COUNT << 2) ERROR('Op.valueCount')
if (offsetof<Op>('negate') != OP_NEGATE << 2) ERROR('Op.negate')
if (offsetof<Op>('label') != OP_LABEL << 2) ERROR('Op.label')
if (offsetof<Op>('labelLength') != OP_LABEL_LENGTH << 2) ERROR('Op.labelLength')
if (offsetof<Op>('isPresent') != OP_IS_PRESENT << 2) ERROR('Op.isPresent')
if (offsetof<Op>('inputs') != OP_INPUTS << 2) ERROR('Op.inputs')
if (offsetof<Op>('inputCount') != OP_INPUT_COUNT << 2) ERROR('Op.inputCount')
if (offsetof<Op>('unless') != OP_UNLESS << 2) ERROR('Op.unless')
if (offsetof<Op>('chooses') != OP_CHOOSES << 2) ERROR('Op.chooses')
if (offsetof<Op>('rowPlace') != OP_ROW_PLACE << 2) ERROR('Op.rowPlace')
if (offsetof<Op>() != WORDS_OF_OP << 2) ERROR('Op has more words')

if (offsetof<Input>('column') != INPUT_COLUMN << 2) ERROR('Input.column')
if (offsetof<Input>('isWhole') != INPUT_IS_WHOLE << 2) ERROR('Input.isWhole')
if (offsetof<Input>('hasShape') != INPUT_HAS_SHAPE << 2) ERROR('Input.hasShape')
if (offsetof<Input>('texts') != INPUT_TEXTS << 2) ERROR('Input.texts')
if (offsetof<Input>('textCount') != INPUT_TEXT_COUNT << 2) ERROR('Input.textCount')
if (offsetof<Input>('ownBits') != INPUT_OWN_BITS << 2) ERROR('Input.ownBits')
if (offsetof<Input>('last') != INPUT_LAST << 2) ERROR('Input.last')
if (offsetof<Input>('number') != INPUT_NUMBER << 2) ERROR('Input.number')
if (offsetof<Input>('shape') != INPUT_SHAPE << 2) ERROR('Input.shape')
if (offsetof<Input>('blankness') != INPUT_BLANKNESS << 2) ERROR('Input.blankness')
if (offsetof<Input>() != WORDS_OF_INPUT << 2) ERROR('Input has more words')

if (offsetof<Sides>('source') != SIDES_SOURCE << 2) ERROR('Sides.source')
if (offsetof<Sides>('clientName') != SIDES_CLIENT_NAME << 2) ERROR('Sides.clientName')
if (offsetof<Sides>('clientAddress') != SIDES_CLIENT_ADDRESS << 2) ERROR('Sides.clientAddress')
if (offsetof<Sides>('serverName') != SIDES_SERVER_NAME << 2) ERROR('Sides.serverName')
if (offsetof<Sides>('serverAddress') != SIDES_SERVER_ADDRESS << 2) ERROR('Sides.serverAddress')
if (offsetof<Sides>('sameness') != SIDES_SAMENESS << 2) ERROR('Sides.sameness')
if (offsetof<Sides>() != WORDS_OF_SIDES << 2) ERROR('Sides has more words')

if (offsetof<Text>('at') != TEXT_AT << 2) ERROR('Text.at')
if (offsetof<Text>('length') != TEXT_LENGTH << 2) ERROR('Text.length')
if (offsetof<Text>('bit') != TEXT_BIT << 2) ERROR('Text.bit')
if (offsetof<Text>('places') != TEXT_PLACES << 2) ERROR('Text.places')
if (offsetof<Text>() != WORDS_OF_TEXT << 2) ERROR('Text has more words')
