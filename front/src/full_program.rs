//! Starts the full program in the place of this one.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs, io};

/// Never returns: the full program has the same arguments, streams and process ID.
pub fn start() -> ! {
    let why = match find() {
        Ok(program) => {
            let mut command = Command::new(&program);
            command.args(env::args_os().skip(1));
            command
                .env_clear()
                .envs(env::vars_os().filter(|(name, _)| !is_of_runtime(name)));
            format!("{} does not start: {}", program.display(), replace(command))
        }
        Err(why) => why,
    };
    eprintln!("eks-x509: configuration: {why} (PROGRAM_INCOMPLETE)\n  Install eks-x509 again.");
    exit(1)
}

fn find() -> Result<PathBuf, String> {
    let own = env::current_exe()
        .and_then(fs::canonicalize)
        .map_err(|error| format!("its own path is not known: {error}"))?;
    let folder = own.parent().unwrap_or(Path::new("/")).join("libexec");
    let program = folder.join(if cfg!(windows) {
        "eks-x509.exe"
    } else {
        "eks-x509"
    });
    trusted(&folder).and_then(|()| trusted(&program))?;
    Ok(program)
}

/// Only root, this user and the owner of this program can change it.
#[cfg(unix)]
fn trusted(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let found =
        fs::symlink_metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != 0 && found.uid() != me {
        return Err(format!(
            "{} belongs to user {}, so it is not started",
            path.display(),
            found.uid()
        ));
    }
    if found.is_symlink() || found.mode() & 0o022 != 0 {
        return Err(format!(
            "other users can change {}, so it is not started",
            path.display()
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn replace(mut command: Command) -> io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}

fn is_of_runtime(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("BUN_") || name == "NODE_OPTIONS" || name == "NODE_PATH"
}
