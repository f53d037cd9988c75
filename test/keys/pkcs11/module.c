/*
 * A PKCS#11 module with faults: SoftHSM's functions, with some of them replaced. PKCS #11 v2.40 has the order of CK_FUNCTION_LIST.
 * MODULE_FAULTS lists what goes wrong, MODULE_LOG is the file that gets a line for each login and signature.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long ulong_t;
typedef ulong_t (*call_t)(ulong_t, ...);
struct list {
  unsigned char version[2];
  call_t calls[68];
};
enum {
  INITIALIZE = 0,
  FINALIZE = 1,
  SLOT_LIST = 4,
  TOKEN_INFO = 6,
  MECHANISM_LIST = 7,
  LOGIN = 18,
  GET_ATTRIBUTE = 24,
  FIND_OBJECTS = 27,
  SIGN_INIT = 42,
  SIGN = 43
};
enum { CKR_FUNCTION_FAILED = 6, CKR_PIN_INCORRECT = 0xa0, CKR_PIN_LOCKED = 0xa4, CKR_NOT_LOGGED_IN = 0x101 };

static struct list own, *soft;
static int has_second_login;

static int has(const char *fault) {
  const char *faults = getenv("MODULE_FAULTS");
  const char *found = faults ? strstr(faults, fault) : NULL;
  size_t length = strlen(fault);
  return found && (found == faults || found[-1] == ' ') && (found[length] == 0 || found[length] == ' ');
}

static void note(const char *line) {
  const char *path = getenv("MODULE_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s %d\n", line, (int)getpid());
  fclose(file);
}

static void hang(void) {
  for (;;) pause();
}

static void faults_at(const char *place) {
  char fault[40];
  snprintf(fault, sizeof fault, "hang-%s", place);
  if (has(fault)) { note(fault); hang(); }
  snprintf(fault, sizeof fault, "crash-%s", place);
  if (has(fault)) *(volatile int *)1 = 0;
  snprintf(fault, sizeof fault, "exit-%s", place);
  if (has(fault)) exit(3);
  snprintf(fault, sizeof fault, "fork-%s", place);
  if (has(fault)) { if (fork() == 0) { note("forked"); hang(); } }
  snprintf(fault, sizeof fault, "return-twice-%s", place);
  if (has(fault)) fork();
}

static void ignored(int signal) { (void)signal; }

static void flood(int descriptor) {
  static char text[1 << 16];
  memset(text, 'x', sizeof text);
  while (write(descriptor, text, sizeof text) > 0);
}

static ulong_t initialize(ulong_t arguments) {
  if (has("flood-output") && fork() == 0) flood(1);
  if (has("flood-answers")) flood(3);
  if (has("close-descriptors"))
    for (int number = 0; number < 5; number++) close(number);
  if (has("take-answers")) dup2(open("/dev/null", O_WRONLY), 3);
  if (has("prints")) {
    printf("module: to stdout\n");
    fflush(stdout);
    fprintf(stderr, "module: to stderr\n");
    if (write(3, "{\"number\":1,\"module\":\"to the answers\"}\nnonsense\n", 49) < 0) return CKR_FUNCTION_FAILED;
  }
  if (has("handlers"))
    for (int number = 1; number < 32; number++) signal(number, ignored);
  faults_at("initialize");
  return soft->calls[INITIALIZE](arguments);
}

static ulong_t finalize(ulong_t reserved) {
  note("finalize");
  faults_at("finalize");
  return soft->calls[FINALIZE](reserved);
}

static ulong_t token_info(ulong_t slot, unsigned char *info) {
  ulong_t result = soft->calls[TOKEN_INFO](slot, info);
  ulong_t *flags = (ulong_t *)(info + 96);
  if (has("pin-pad")) *flags |= 0x100;
  if (has("no-login-flag")) *flags &= ~0x4ul;
  if (has("low")) *flags |= 0x10000;
  if (has("final")) *flags |= 0x20000;
  if (has("locked")) *flags |= 0x40000;
  return result;
}

static ulong_t slot_list(ulong_t present, ulong_t *list, ulong_t *count) {
  ulong_t result = soft->calls[SLOT_LIST](present, list, count);
  if (has("huge-slot-list")) *count = 1ul << 40;
  if (has("longer-slot-list") && list) *count += 1000;
  return result;
}

static ulong_t find_objects(ulong_t session, ulong_t *list, ulong_t most, ulong_t *count) {
  ulong_t result = soft->calls[FIND_OBJECTS](session, list, most, count);
  if (has("huge-object-list")) *count = ~0ul;
  return result;
}

static ulong_t mechanism_list(ulong_t slot, ulong_t *list, ulong_t *count) {
  ulong_t result = soft->calls[MECHANISM_LIST](slot, list, count);
  if (has("huge-mechanism-list")) *count = 1ul << 40;
  if (has("raw-rsa") && list)
    for (ulong_t at = 0; at < *count; at++)
      if (list[at] == 0x40) list[at] = 0x80000001;
  return result;
}

static ulong_t login(ulong_t session, ulong_t user, unsigned char *pin, ulong_t length) {
  ulong_t result;
  faults_at("login");
  if (user == 2) {
    note("second login");
    has_second_login = 1;
    return 0;
  }
  if (has("pin-locked")) result = CKR_PIN_LOCKED;
  else if (has("pin-pad")) {
    if (pin) return CKR_FUNCTION_FAILED;
    if (has("wrong-at-pad")) result = CKR_PIN_INCORRECT;
    else result = soft->calls[LOGIN](session, user, "1234", 4ul);
  } else result = soft->calls[LOGIN](session, user, pin, length);
  note(result == 0 ? "login" : "wrong login");
  return result;
}

struct attribute {
  ulong_t type;
  unsigned char *value;
  ulong_t length;
};

static ulong_t get_attribute(ulong_t session, ulong_t object, struct attribute *wanted, ulong_t count) {
  if (has("second-login") && count == 1 && wanted->type == 0x202) {
    if (wanted->value) *wanted->value = 1;
    wanted->length = 1;
    return 0;
  }
  if (has("huge-attributes")) {
    wanted->length = 1ul << 20;
    if (wanted->value) memset(wanted->value, 'x', 1 << 20);
    return 0;
  }
  return soft->calls[GET_ATTRIBUTE](session, object, wanted, count);
}

static ulong_t sign_init(ulong_t session, ulong_t *mechanism, ulong_t key) {
  has_second_login = 0;
  if (has("no-mechanism")) return 0x70;
  return soft->calls[SIGN_INIT](session, mechanism, key);
}

static ulong_t sign(ulong_t session, unsigned char *data, ulong_t length, unsigned char *signature, ulong_t *size) {
  ulong_t result;
  if (has("second-login") && !has_second_login) return CKR_NOT_LOGGED_IN;
  faults_at("sign");
  result = soft->calls[SIGN](session, data, length, signature, size);
  if (has("wrong-signature")) signature[9] ^= 1;
  if (has("huge-signature")) *size = ~0ul;
  if (has("empty-signature")) *size = 0;
  note("sign");
  return result;
}

__attribute__((constructor)) static void loaded(void) {
  faults_at("load");
}

ulong_t C_GetFunctionList(struct list **list) {
  void *library = dlopen(getenv("MODULE_SOFTHSM"), RTLD_NOW);
  ulong_t (*get)(struct list **) = library ? (ulong_t (*)(struct list **))dlsym(library, "C_GetFunctionList") : NULL;
  if (!get || get(&soft) != 0) return CKR_FUNCTION_FAILED;
  own = *soft;
  own.calls[INITIALIZE] = (call_t)initialize;
  own.calls[FINALIZE] = (call_t)finalize;
  own.calls[SLOT_LIST] = (call_t)slot_list;
  own.calls[FIND_OBJECTS] = (call_t)find_objects;
  own.calls[TOKEN_INFO] = (call_t)token_info;
  own.calls[MECHANISM_LIST] = (call_t)mechanism_list;
  own.calls[LOGIN] = (call_t)login;
  own.calls[GET_ATTRIBUTE] = (call_t)get_attribute;
  own.calls[SIGN_INIT] = (call_t)sign_init;
  own.calls[SIGN] = (call_t)sign;
  *list = &own;
  return 0;
}
