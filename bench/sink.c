/* A receiver that costs next to nothing: counts bytes and line feeds, and closes a connection when its peer does.
   Says its port, and then "bytes line-feeds" whenever they have changed, 20 ms after each other at least. */
#pragma GCC optimize("O3") /* counts many bytes at a time */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 64, REPORT_MS = 20 };

static unsigned char buffer[256 << 10];

static void fail(const char *what) { perror(what), exit(1); }

static long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 16) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port)), fflush(stdout);
  struct pollfd files[1 + CONNECTIONS] = {{.fd = listener, .events = POLLIN}};
  int count = 1;
  unsigned long long bytes = 0, feeds = 0, reported = 0;
  for (long reported_ms = 0;;) {
    if (poll(files, count, bytes == reported ? -1 : REPORT_MS) < 0) fail("poll");
    for (int i = count - 1; i > 0; i--) {
      if (!files[i].revents) continue;
      ssize_t got = read(files[i].fd, buffer, sizeof buffer);
      if (got <= 0) {
        close(files[i].fd);
        files[i] = files[--count];
        continue;
      }
      bytes += got;
      unsigned found = 0;
      for (ssize_t at = 0; at < got; at++) found += buffer[at] == '\n';
      feeds += found;
    }
    if (files[0].revents && count <= CONNECTIONS) {
      files[count] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
      count++;
    }
    if (bytes != reported && now_ms() - reported_ms >= REPORT_MS) {
      reported = bytes, reported_ms = now_ms();
      printf("%llu %llu\n", bytes, feeds), fflush(stdout);
    }
  }
}
