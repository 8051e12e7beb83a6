/*
 * msgtrk-service --name NAME --folder FOLDER -- COMMAND: runs COMMAND as the Windows service NAME.
 *
 *   start              COMMAND as a child without a window, its standard input a pipe, in a job that ends it with this host
 *   stop, preshutdown  closes the pipe, which `--stop-on-stdin-end` takes as a stop, and waits; after that ends it
 *   ends by itself     starts it again after 1 s, 2 s, 4 s … 5 min; from 1 s on again once it has run for 10 minutes
 *   exit code 2        a mistake in its configuration: the service stops, nothing is tried again
 *
 * What it writes goes to FOLDER\service.log, of which the last 10 to 20 MB are kept (service.1.log is the older one); what
 * happens to it, to the event log. Preshutdown, since at the shutdown itself Windows ends children on its own.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#include "messages.h"

#define LONG_PATH 32768
#define MISTAKE 2
#define MOST_LOG_BYTES 10000000
#define FIRST_PAUSE_MS 1000
#define LAST_PAUSE_MS 300000
#define HEALTHY_MS 600000
/* msgtrk stops within ten seconds, or ends itself after twelve. */
#define STOP_SECONDS 20

static SERVICE_STATUS_HANDLE status_handle;
static HANDLE stopping;
static wchar_t name[256], folder[LONG_PATH], command[LONG_PATH];

static void tell(DWORD state, DWORD code) {
  static DWORD check_point = 1;
  SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, 0, NO_ERROR, code, 0, 0};
  BOOL is_settled = state == SERVICE_RUNNING || state == SERVICE_STOPPED;
  if (state == SERVICE_RUNNING) status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN;
  if (code != 0) status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
  if (!is_settled) {
    status.dwCheckPoint = check_point++;
    status.dwWaitHint = 10000;
  }
  SetServiceStatus(status_handle, &status);
}

static void report(WORD type, DWORD message, const wchar_t *format, DWORD number) {
  wchar_t text[LONG_PATH];
  const wchar_t *texts[1] = {text};
  swprintf(text, LONG_PATH, format, number, command);
  HANDLE source = RegisterEventSourceW(NULL, name);
  if (source == NULL) return;
  ReportEventW(source, type, 0, message, NULL, 1, 0, texts, NULL);
  DeregisterEventSource(source);
}

static HANDLE open_log(DWORD disposition) {
  wchar_t path[LONG_PATH];
  swprintf(path, LONG_PATH, L"%ls\\service.log", folder);
  return CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, disposition,
                     FILE_ATTRIBUTE_NORMAL, NULL);
}

/* Where the full log can't be moved away, since somebody holds it, it is begun anew. */
static HANDLE rotate(HANDLE log) {
  wchar_t path[LONG_PATH], older[LONG_PATH];
  swprintf(path, LONG_PATH, L"%ls\\service.log", folder);
  swprintf(older, LONG_PATH, L"%ls\\service.1.log", folder);
  CloseHandle(log);
  if (MoveFileExW(path, older, MOVEFILE_REPLACE_EXISTING)) return open_log(OPEN_ALWAYS);
  HANDLE cut = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                           TRUNCATE_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
  if (cut != INVALID_HANDLE_VALUE) CloseHandle(cut);
  return open_log(OPEN_ALWAYS);
}

/* Copies what the child writes; reads on whatever becomes of the log, or the child would wait for it. */
static DWORD WINAPI keep_output(void *output) {
  static char bytes[65536];
  DWORD count, written;
  HANDLE log = open_log(OPEN_ALWAYS);
  while (ReadFile(output, bytes, sizeof bytes, &count, NULL) && count > 0) {
    LARGE_INTEGER size = {0};
    if (log == INVALID_HANDLE_VALUE) log = open_log(OPEN_ALWAYS);
    if (GetFileSizeEx(log, &size) && size.QuadPart > MOST_LOG_BYTES) log = rotate(log);
    WriteFile(log, bytes, count, &written, NULL);
  }
  if (log != INVALID_HANDLE_VALUE) CloseHandle(log);
  CloseHandle(output);
  return 0;
}

struct child {
  HANDLE process, input, output;
};

/* Returns 0, or the error of the system. */
static DWORD start(HANDLE job, struct child *child) {
  SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
  static wchar_t line[LONG_PATH];
  STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
  PROCESS_INFORMATION made;
  HANDLE output;
  DWORD error = 0;
  if (!CreatePipe(&startup.hStdInput, &child->input, &inherit, 0)) return GetLastError();
  if (!CreatePipe(&output, &startup.hStdOutput, &inherit, 0)) return GetLastError();
  startup.hStdError = startup.hStdOutput;
  SetHandleInformation(child->input, HANDLE_FLAG_INHERIT, 0);
  SetHandleInformation(output, HANDLE_FLAG_INHERIT, 0);
  /* It may be written to. */
  wcscpy(line, command);
  if (CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW | CREATE_SUSPENDED, NULL, folder, &startup, &made)) {
    AssignProcessToJobObject(job, made.hProcess);
    child->output = CreateThread(NULL, 0, keep_output, output, 0, NULL);
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    child->process = made.hProcess;
  } else {
    error = GetLastError();
    CloseHandle(child->input);
    CloseHandle(output);
  }
  CloseHandle(startup.hStdInput);
  CloseHandle(startup.hStdOutput);
  return error;
}

static DWORD stop(struct child *child) {
  DWORD code;
  CloseHandle(child->input);
  child->input = NULL;
  for (int second = 0; second < STOP_SECONDS; second++) {
    tell(SERVICE_STOP_PENDING, 0);
    if (WaitForSingleObject(child->process, 1000) == WAIT_OBJECT_0) break;
  }
  if (WaitForSingleObject(child->process, 0) == WAIT_TIMEOUT) TerminateProcess(child->process, 4);
  WaitForSingleObject(child->process, 5000);
  GetExitCodeProcess(child->process, &code);
  return code;
}

static void release(struct child *child) {
  if (child->input != NULL) CloseHandle(child->input);
  WaitForSingleObject(child->output, 5000);
  CloseHandle(child->output);
  CloseHandle(child->process);
}

/* Returns the code of the service. */
static DWORD run(void) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  HANDLE job = CreateJobObjectW(NULL, NULL);
  DWORD pause_ms = FIRST_PAUSE_MS, code;
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  for (;;) {
    struct child child;
    ULONGLONG started = GetTickCount64();
    DWORD error = start(job, &child);
    if (error != 0) {
      report(EVENTLOG_ERROR_TYPE, MESSAGE_MISTAKE, L"error %lu of the system at the start of %ls", error);
      return error;
    }
    tell(SERVICE_RUNNING, 0);
    report(EVENTLOG_INFORMATION_TYPE, MESSAGE_STARTED, L"process %lu, %ls", GetProcessId(child.process));
    HANDLE either[] = {stopping, child.process};
    if (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0) {
      code = stop(&child);
      release(&child);
      report(EVENTLOG_INFORMATION_TYPE, MESSAGE_STOPPED, L"exit code %lu (4: not all was settled, and follows after the next start)",
             code);
      return 0;
    }
    GetExitCodeProcess(child.process, &code);
    release(&child);
    if (code == MISTAKE) {
      report(EVENTLOG_ERROR_TYPE, MESSAGE_MISTAKE, L"exit code %lu, a mistake in its configuration; service.log names it", code);
      return MISTAKE;
    }
    if (GetTickCount64() - started >= HEALTHY_MS) pause_ms = FIRST_PAUSE_MS;
    report(EVENTLOG_WARNING_TYPE, MESSAGE_ENDED, L"exit code %lu; service.log may say why", code);
    if (WaitForSingleObject(stopping, pause_ms) == WAIT_OBJECT_0) return 0;
    pause_ms = pause_ms * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause_ms * 2;
  }
}

static DWORD WINAPI control(DWORD what, DWORD type, void *data, void *context) {
  (void)type, (void)data, (void)context;
  if (what == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
  if (what != SERVICE_CONTROL_STOP && what != SERVICE_CONTROL_PRESHUTDOWN) return ERROR_CALL_NOT_IMPLEMENTED;
  tell(SERVICE_STOP_PENDING, 0);
  SetEvent(stopping);
  return NO_ERROR;
}

static void WINAPI serve(DWORD count, wchar_t **arguments) {
  (void)count, (void)arguments;
  stopping = CreateEventW(NULL, TRUE, FALSE, NULL);
  status_handle = RegisterServiceCtrlHandlerExW(name, control, NULL);
  tell(SERVICE_START_PENDING, 0);
  tell(SERVICE_STOPPED, run());
}

int wmain(int count, wchar_t **arguments) {
  const wchar_t *behind = wcsstr(GetCommandLineW(), L" -- ");
  SERVICE_TABLE_ENTRYW table[] = {{name, serve}, {NULL, NULL}};
  if (count < 7 || behind == NULL || wcscmp(arguments[1], L"--name") != 0 || wcscmp(arguments[3], L"--folder") != 0 ||
      wcscmp(arguments[5], L"--") != 0 || wcslen(arguments[2]) >= 256 || wcslen(arguments[4]) >= LONG_PATH - 32) {
    fwprintf(stderr, L"usage: msgtrk-service --name NAME --folder FOLDER -- COMMAND (\"msgtrk service install\" says it)\n");
    return 1;
  }
  wcscpy(name, arguments[2]);
  wcscpy(folder, arguments[4]);
  wcscpy(command, behind + 4);
  if (StartServiceCtrlDispatcherW(table)) return 0;
  fwprintf(stderr, L"only the service control manager can start this (error %lu)\n", GetLastError());
  return 1;
}
