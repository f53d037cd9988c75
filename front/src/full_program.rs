//! Starts the full program in the place of this one.
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::{env, fs, thread};

/// What the process does next. Of two threads, one decides.
static STATE: AtomicU8 = AtomicU8::new(UNDECIDED);
const UNDECIDED: u8 = 0;
const ANSWERING: u8 = 1;
const LEAVING: u8 = 2;

thread_local! {
    static DECIDED: Cell<bool> = const { Cell::new(false) };
}

/// Files that this run has created to claim something. The full program claims it again.
static CLAIMS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

pub fn note_claim(path: &str) {
    if let Ok(mut claims) = CLAIMS.try_lock() {
        claims.push(PathBuf::from(path));
    }
}

/// Called before anything is printed. Afterwards the other thread does not start the full program.
pub fn begin_answer() {
    decide(ANSWERING);
}

/// Never returns: the full program gets the same arguments, streams and process ID.
pub fn start() -> ! {
    decide(LEAVING);
    for claim in CLAIMS
        .try_lock()
        .map(|mut claims| claims.split_off(0))
        .unwrap_or_default()
    {
        let _ = fs::remove_file(claim);
    }
    let (why, mut next) = match find() {
        Ok(program) => replace_by(&program),
        Err(why) => (why, AGAIN),
    };
    if cfg!(target_os = "linux") && !Path::new("/proc/self").exists() {
        next = "Mount /proc: this program and the runtime find their own file with it.";
    }
    let why = printable(&why);
    eprintln!("eks-x509: configuration: {why} (PROGRAM_INCOMPLETE)\n  {next}");
    exit(1)
}

const AGAIN: &str = "Install eks-x509 again: the file belongs beside this program.";

/// A program that exists is not found if its loader does not exist, execve(2): that of musl, or of glibc. ENOEXEC is another processor's.
fn cure(program: &Path, error: &Error) -> &'static str {
    const ENOEXEC: i32 = 8;
    let is_foreign = error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(ENOEXEC);
    match is_foreign && cfg!(target_os = "linux") {
        true if has_loader_of_musl(program) => {
            "Install eks-x509 again, from the archive for this system: this one is for musl."
        }
        true => "Install eks-x509 again, from the archive for this system: this one is for glibc.",
        false => AGAIN,
    }
}

/// The name of the loader is near the beginning of the file, elf(5): PT_INTERP.
fn has_loader_of_musl(program: &Path) -> bool {
    const NAME: &[u8] = b"/ld-musl-";
    let mut beginning = Vec::new();
    let _ = fs::File::open(program).and_then(|file| file.take(4096).read_to_end(&mut beginning));
    beginning.windows(NAME.len()).any(|window| window == NAME)
}

/// The rule of src/foundation/shown.ts: a path on one line, without what controls a terminal.
fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut follows_unsafe = false;
    for character in text.chars() {
        let is_unsafe = is_unsafe(character);
        if !is_unsafe {
            safe.push(character);
        } else if !follows_unsafe {
            safe.push(' ');
        }
        follows_unsafe = is_unsafe;
    }
    safe
}

/// test/front compares this list with that of shown.ts.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The thread that decided first may decide again: an answer that cannot be written is the full program's to report.
fn decide(next: u8) {
    if DECIDED.get() {
        if STATE.swap(next, Ordering::SeqCst) == LEAVING {
            exit(1); // A panic on the way out.
        }
        return;
    }
    if STATE
        .compare_exchange(UNDECIDED, next, Ordering::SeqCst, Ordering::SeqCst)
        .is_err()
    {
        loop {
            thread::park();
        }
    }
    DECIDED.set(true);
}

fn find() -> Result<PathBuf, String> {
    let own = env::current_exe()
        .and_then(fs::canonicalize)
        .map_err(|error| format!("the path of this program is not known: {error}"))?;
    let folder = own.parent().unwrap_or(Path::new("/")).join("libexec");
    let program = folder.join(if cfg!(windows) {
        "eks-x509.exe"
    } else {
        "eks-x509"
    });
    for path in [&folder, &program] {
        trust(path, &own)?;
    }
    Ok(program)
}

/// Whoever can change this program need not change the full one. Nobody else may be able to.
#[cfg(unix)]
fn trust(path: &Path, own: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let look = |path: &Path| {
        fs::symlink_metadata(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (found, own) = (look(path)?, look(own)?);
    let me = rustix::process::geteuid().as_raw();
    if ![0, me, own.uid()].contains(&found.uid()) {
        return Err(format!(
            "{} belongs to user {} and is not started",
            path.display(),
            found.uid()
        ));
    }
    // With a umask of 002, the default of many distributions, the group is the user's own and has the user's number.
    let by_group = found.mode() & 0o020 != 0 && (found.uid() == 0 || found.gid() != found.uid());
    if found.is_symlink() || by_group || found.mode() & 0o002 != 0 {
        return Err(format!(
            "other users can change {}, which is not started",
            path.display()
        ));
    }
    Ok(())
}

/// Lists of rights protect the folders of programs and profiles.
#[cfg(windows)]
fn trust(path: &Path, _: &Path) -> Result<(), String> {
    fs::metadata(path)
        .map(drop)
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The commands that clients start for every call. They end before the compiler of the JavaScript engine pays off: without it, a miss
/// takes a quarter less processor time.
const SHORT: [&str; 2] = ["get-token", "credential-process"];
const INTERPRETED: (&str, &str) = ("BUN_JSC_useJIT", "0");

pub fn is_short(arguments: &[OsString]) -> bool {
    arguments
        .first()
        .is_some_and(|name| SHORT.iter().any(|short| name == *short))
}

/// Returns why it could not be started, and what to do.
fn replace_by(program: &Path) -> (String, &'static str) {
    let mut arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let mut variables: Variables = variables().into_iter().collect();
    if is_short(&arguments) {
        variables.insert(INTERPRETED.0.into(), INTERPRETED.1.into());
    }
    if leave_deleted_folder() {
        arguments.insert(0, OsString::from("__no-folder"));
    }
    let error = run(program, arguments, variables);
    let why = format!("{} does not start: {error}", program.display());
    (why, cure(program, &error))
}

/// The runtime of the full program does not start in a folder that was deleted. It starts in one that has no file with a usual name, and
/// the argument makes it report a relative path as Node does.
fn leave_deleted_folder() -> bool {
    cfg!(target_os = "linux")
        && env::current_dir().is_err()
        && env::set_current_dir("/proc/self/fdinfo").is_ok()
}

/// Not Command::exec: a file that the system cannot run, such as one for another processor, would be run as a script by a shell, execvp(3).
#[cfg(unix)]
fn run(program: &Path, arguments: Vec<OsString>, variables: Variables) -> Error {
    use std::ffi::{CString, c_char, c_int};
    use std::os::unix::ffi::OsStringExt;
    use std::ptr;
    unsafe extern "C" {
        fn execve(
            path: *const c_char,
            arguments: *const *const c_char,
            variables: *const *const c_char,
        ) -> c_int;
    }
    let text = |text: OsString| CString::new(text.into_vec()).unwrap_or_default();
    let pointers = |texts: &[CString]| {
        let all = texts.iter().map(|text| text.as_ptr());
        all.chain([ptr::null()]).collect::<Vec<_>>()
    };
    let program = program.as_os_str().to_owned();
    let arguments: Vec<_> = [program].into_iter().chain(arguments).map(text).collect();
    let variables: Vec<_> = variables
        .into_iter()
        .map(|(mut name, value)| {
            name.push("=");
            name.push(value);
            text(name)
        })
        .collect();
    // SAFETY: the lists end with a null pointer, and their texts live until the call returns.
    unsafe {
        signals::signal(signals::SIGPIPE, signals::SIG_DFL);
        signals::signal(signals::SIGXFSZ, signals::SIG_DFL);
        execve(
            arguments[0].as_ptr(),
            pointers(&arguments).as_ptr(),
            pointers(&variables).as_ptr(),
        );
    }
    Error::last_os_error()
}

/// A write beyond RLIMIT_FSIZE then fails with EFBIG, which the full program reports, and does not end the process. The standard library
/// ignores SIGPIPE.
#[cfg(unix)]
pub fn ignore_limit_of_files() {
    // SAFETY: no handler runs.
    unsafe { signals::signal(signals::SIGXFSZ, signals::SIG_IGN) };
}

/// A set-user-ID or set-group-ID bit has no effect: arguments and variables name programs to run. The shell that starts the npm package
/// does the same.
#[cfg(unix)]
pub fn drop_rights_of_file() {
    unsafe extern "C" {
        fn getuid() -> u32;
        fn geteuid() -> u32;
        fn getgid() -> u32;
        fn getegid() -> u32;
        fn setreuid(real: u32, effective: u32) -> i32;
        fn setregid(real: u32, effective: u32) -> i32;
    }
    // SAFETY: these functions only ask the system, and the process has one thread. The group is first: a user cannot change it.
    unsafe {
        let (user, group) = (getuid(), getgid());
        let is_group_kept = group != getegid() && setregid(group, group) != 0;
        let is_user_kept = user != geteuid() && setreuid(user, user) != 0;
        if is_group_kept || is_user_kept {
            exit(1);
        }
    }
}

#[cfg(unix)]
mod signals {
    use std::ffi::c_int;
    unsafe extern "C" {
        pub fn signal(number: c_int, handler: usize) -> usize;
    }
    /// The same numbers on Linux and macOS.
    pub const SIGPIPE: c_int = 13;
    pub const SIGXFSZ: c_int = 25;
    pub const SIG_DFL: usize = 0;
    pub const SIG_IGN: usize = 1;
}

/// Windows has no exec: this process waits, and leaves Ctrl+C to the full program.
#[cfg(windows)]
fn run(program: &Path, arguments: Vec<OsString>, variables: Variables) -> Error {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn SetConsoleCtrlHandler(
            handler: Option<unsafe extern "system" fn(u32) -> i32>,
            add: i32,
        ) -> i32;
    }
    unsafe extern "system" fn ignore(_: u32) -> i32 {
        1
    }
    // SAFETY: the handler uses nothing, and the function only stores it.
    unsafe { SetConsoleCtrlHandler(Some(ignore), 1) };
    let mut command = std::process::Command::new(program);
    command.args(arguments).env_clear().envs(variables);
    match command.status() {
        Ok(status) => exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

/// One for each name.
type Variables = BTreeMap<OsString, OsString>;

/// The environment without the variables by which a JavaScript runtime runs other code or stops. Of several variables with one name, the
/// first one counts, as in getenv(3).
pub fn variables() -> Vec<(OsString, OsString)> {
    let mut all: Vec<_> = env::vars_os()
        .filter(|(name, value)| !is_of_runtime(name, value))
        .collect();
    all.reverse();
    all
}

/// Those that Bun reads of Node's are among them. NODE_EXTRA_CA_CERTS is not: eks-x509 documents it.
fn is_of_runtime(name: &OsStr, value: &OsStr) -> bool {
    const EXACT: &[&str] = &[
        "NODE_CHANNEL_FD",
        "NODE_COMPILE_CACHE",
        "NODE_OPTIONS",
        "NODE_PATH",
        // The mark of a process of Node's cluster, which waits for its parent and prints nothing.
        "NODE_UNIQUE_ID",
    ];
    let name = name.to_string_lossy();
    // mimalloc does not distinguish case, and neither does Windows.
    let upper = name.to_uppercase();
    let name = if cfg!(windows) { &upper } else { &*name };
    name.starts_with("BUN_")
        || upper.starts_with("MIMALLOC_")
        || EXACT.contains(&name)
        || name == "NODE_ENV" && !is_word(value)
}

/// Bun parses NODE_ENV as the text of a JSON string, and does not start with a line break or a backslash in it.
fn is_word(value: &OsStr) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    value.as_encoded_bytes().iter().all(plain)
}
