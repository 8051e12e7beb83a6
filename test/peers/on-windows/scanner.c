/*
 * scanner FOLDER PREFIX MILLISECONDS: opens every file of a folder whose name begins so, again and again, each for so
 * long, as virus scanners and backups do: others may read and write meanwhile, and neither rename nor remove it. Ends
 * when the file FOLDER\stop-scanner is there.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define MOST 64

int wmain(int argc, wchar_t **argv) {
  static wchar_t pattern[32768], path[32768];
  HANDLE held[MOST];
  long rounds = 0, opened = 0;
  if (argc != 4) return 2;
  for (;; rounds++) {
    swprintf(path, 32768, L"%ls\\stop-scanner", argv[1]);
    if (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) break;
    swprintf(pattern, 32768, L"%ls\\%ls*", argv[1], argv[2]);
    WIN32_FIND_DATAW found;
    int count = 0;
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search != INVALID_HANDLE_VALUE) {
      do {
        swprintf(path, 32768, L"%ls\\%ls", argv[1], found.cFileName);
        HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                                  FILE_ATTRIBUTE_NORMAL, NULL);
        if (file != INVALID_HANDLE_VALUE) held[count++] = file;
      } while (count < MOST && FindNextFileW(search, &found));
      FindClose(search);
    }
    Sleep(_wtoi(argv[3]));
    for (int i = 0; i < count; i++) CloseHandle(held[i]);
    opened += count;
    Sleep(1);
  }
  printf("opened %ld files in %ld rounds\n", opened, rounds);
  return 0;
}
