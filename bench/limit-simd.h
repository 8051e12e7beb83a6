/* What limit-simd.c does with bytes: 64 at a time when it looks, 32 when it copies. Copies write up to a vector behind their end. */
#include <arpa/inet.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

static inline byte *put(byte *to, const void *bytes, size_t length) {
  const byte *from = bytes;
  byte *end = to + length;
  do {
    _mm256_storeu_si256((__m256i *)to, _mm256_loadu_si256((const __m256i *)from));
    to += 32, from += 32;
  } while (__builtin_expect(to < end, 0));
  return end;
}

/* From each quote to the next one, all bits are set. */
static inline uint64_t between_quotes(uint64_t quotes) {
  return _mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_set_epi64x(0, quotes), _mm_set1_epi8(-1), 0));
}

static inline uint64_t equal(__m256i low, __m256i high, char wanted) {
  __m256i all = _mm256_set1_epi8(wanted);
  return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, all)) |
         (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, all)) << 32;
}

static inline byte *put_text(byte *to, const byte *from, const byte *end, int is_quoted) {
  const __m256i backslash = _mm256_set1_epi8('\\'), equals = _mm256_set1_epi8('='), last = _mm256_set1_epi8(0x1f);
  const __m256i quote = _mm256_set1_epi8(is_quoted ? '"' : '\\'), delete = _mm256_set1_epi8(0x7f);
  while (from < end) {
    __m256i text = _mm256_loadu_si256((const __m256i *)from);
    _mm256_storeu_si256((__m256i *)to, text);
    __m256i escaped = _mm256_or_si256(_mm256_cmpeq_epi8(text, backslash), _mm256_cmpeq_epi8(text, equals));
    __m256i control = _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_max_epu8(text, last), last), _mm256_cmpeq_epi8(text, delete));
    uint32_t special = _mm256_movemask_epi8(
        _mm256_or_si256(_mm256_or_si256(escaped, _mm256_cmpeq_epi8(text, quote)), control));
    size_t plain = special ? __builtin_ctz(special) : 32, left = end - from;
    if (plain >= left) return to + left;
    to += plain, from += plain;
    if (special == 0) continue;
    byte one = *from++;
    if (one == '"') from++;
    if (one == '\\' || one == '=' || one == '\r') *to++ = '\\';
    if (one >= ' ' ? one != 0x7f : one == '\t') *to++ = one;
    else if (one == '\r') *to++ = 'r';
    else memcpy(to, "\xef\xbf\xbd", 3), to += 3;
  }
  return to;
}

static inline byte *put_pair(byte *to, uint32_t number) {
  to[0] = '0' + number / 10, to[1] = '0' + number % 10;
  return to + 2;
}

/* Writes epoch milliseconds; the calendar is asked once a day. */
static inline byte *put_time(byte *to, const byte *at) {
  static byte day[10];
  static int64_t day_ms;
  if (memcmp(day, at, 10) != 0) {
    struct tm tm = {0};
    char text[11] = {0};
    strptime(memcpy(text, memcpy(day, at, 10), 10), "%Y-%m-%d", &tm);
    day_ms = (int64_t)timegm(&tm) * 1000;
  }
#define DIGITS(i) (10 * (at[i] - '0') + at[(i) + 1] - '0')
  uint64_t ms = day_ms + ((DIGITS(11) * 60 + DIGITS(14)) * 60 + DIGITS(17)) * 1000 + DIGITS(20) * 10 + at[22] - '0';
  uint32_t high = ms / 100000000, low = ms % 100000000, first = low / 10000, second = low % 10000;
  *to++ = '0' + high / 10000;
  to = put_pair(put_pair(to, high % 10000 / 100), high % 100);
  return put_pair(put_pair(put_pair(put_pair(to, first / 100), first % 100), second / 100), second % 100);
}

static inline int is_ipv4(const byte *at, size_t length) {
  if (length < 7 || length > 15) return 0;
  __m128i text = _mm_loadu_si128((const __m128i *)at), digit = _mm_sub_epi8(text, _mm_set1_epi8('0'));
  uint32_t all = (1u << length) - 1, dots = _mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('.'))) & all;
  uint32_t digits = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)) & all;
  if ((dots | digits) != all || __builtin_popcount(dots) != 3) return 0;
  uint32_t start = 0;
  for (dots |= 1u << length; dots != 0; dots &= dots - 1) {
    uint32_t end = __builtin_ctz(dots), count = end - start;
    if (count - 1 > 2 || (count > 1 && at[start] == '0')) return 0;
    if (count == 3 && memcmp(at + start, "255", 3) > 0) return 0;
    start = end + 1;
  }
  return 1;
}

static inline int is_ipv6(const byte *at, const byte *end) {
  if (memchr(at, '.', end - at) != NULL) {
    char text[INET6_ADDRSTRLEN] = {0};
    byte address[16];
    return end - at < (long)sizeof text && inet_pton(AF_INET6, memcpy(text, at, end - at), address) == 1;
  }
  int groups = 0, has_gap = end - at >= 2 && at[0] == ':' && at[1] == ':';
  if (has_gap) at += 2;
  while (at < end) {
    const byte *start = at;
    while (at < end && ((byte)(*at - '0') < 10 || (byte)((*at | 32) - 'a') < 6)) at++;
    if (at == start || at - start > 4) return 0;
    groups++;
    if (at == end) break;
    if (*at++ != ':' || at == end) return 0;
    if (*at == ':') {
      if (has_gap) return 0;
      has_gap = 1, at++;
    }
  }
  return has_gap ? groups < 8 : groups == 8;
}
