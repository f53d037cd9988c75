//! Starts the full program in the place of this one.
use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
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
    let why = find()
        .and_then(|program| replace_by(&program))
        .unwrap_or_else(|why| why);
    eprintln!(
        "eks-x509: configuration: {why} (PROGRAM_INCOMPLETE)\n  Install eks-x509 again: the file belongs beside this program."
    );
    exit(1)
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

/// Returns why it could not be started.
fn replace_by(program: &Path) -> Result<String, String> {
    let mut command = Command::new(program);
    leave_deleted_folder(&mut command);
    command.args(env::args_os().skip(1)).env_clear();
    for (name, value) in variables() {
        command.env(name, value);
    }
    if env::args_os()
        .nth(1)
        .is_some_and(|name| SHORT.iter().any(|short| name == *short))
    {
        command.env(INTERPRETED.0, INTERPRETED.1);
    }
    let error = run(command);
    Err(format!("{} does not start: {error}", program.display()))
}

/// The runtime of the full program does not start in a folder that was deleted. It starts in one that has no file with a usual name, and
/// the argument makes it report a relative path as Node does.
fn leave_deleted_folder(command: &mut Command) {
    if cfg!(target_os = "linux") && env::current_dir().is_err() {
        command.current_dir("/proc/self/fdinfo").arg("__no-folder");
    }
}

#[cfg(unix)]
fn run(mut command: Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}

/// Windows has no exec: this process waits, and leaves Ctrl+C to the full program.
#[cfg(windows)]
fn run(mut command: Command) -> std::io::Error {
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
    match command.status() {
        Ok(status) => exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

/// The environment without the variables by which a JavaScript runtime runs other code. Of several variables with one name, the first
/// one counts, as in getenv(3).
pub fn variables() -> Vec<(OsString, OsString)> {
    let mut all: Vec<_> = env::vars_os()
        .filter(|(name, _)| !is_of_runtime(name))
        .collect();
    all.reverse();
    all
}

/// Those that Bun reads of Node's are among them. NODE_EXTRA_CA_CERTS is not: eks-x509 documents it.
fn is_of_runtime(name: &OsStr) -> bool {
    const EXACT: &[&str] = &[
        "NODE_CHANNEL_FD",
        "NODE_COMPILE_CACHE",
        "NODE_OPTIONS",
        "NODE_PATH",
    ];
    let name = name.to_string_lossy();
    // Windows does not distinguish case.
    let name = if cfg!(windows) {
        name.to_uppercase()
    } else {
        name.into_owned()
    };
    name.starts_with("BUN_") || EXACT.contains(&name.as_str())
}
