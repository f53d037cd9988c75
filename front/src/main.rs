//! The front of eks-x509: it answers what the cache can answer by running the program's own script, and starts the full program for
//! everything else. Its only rules are those about the start of that program.
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod full_program;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod script;

use std::env;
use std::ffi::OsString;
use std::panic;

fn main() {
    // A panic prints nothing: the full program does the work again, and reports what fails.
    panic::set_hook(Box::new(|_| full_program::start()));
    #[cfg(unix)]
    {
        full_program::drop_rights_of_file();
        full_program::ignore_limit_of_files();
    }
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if cfg!(target_os = "linux") && full_program::is_short(&arguments) && !is_uncached(&arguments) {
        #[cfg(target_os = "linux")]
        script::run_in_time();
    }
    full_program::start()
}

/// Whether there is hardly a cache to answer from: a guess, which spares the start of the script. The script and the full program know
/// the rule: a wrong guess costs time only.
fn is_uncached(arguments: &[OsString]) -> bool {
    let is_given = |argument: &OsString| argument.as_encoded_bytes().starts_with(b"--cache");
    arguments.iter().any(|argument| argument == "--cache=none")
        || arguments
            .windows(2)
            .any(|pair| pair[0] == "--cache" && pair[1] == "none")
        || !arguments.iter().any(is_given)
            && env::var_os("EKS_X509_CACHE").is_some_and(|mode| mode == "none")
}
