//! The front of eks-x509: it answers what the cache can answer by running the program's own script, and starts the full program for
//! everything else. Its only rules are those about the start of that program.
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod full_program;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod script;

use std::panic;

fn main() {
    // A panic prints nothing: the full program does the work again, and reports what fails.
    panic::set_hook(Box::new(|_| full_program::start()));
    #[cfg(unix)]
    {
        full_program::drop_rights_of_file();
        full_program::ignore_limit_of_files();
    }
    #[cfg(target_os = "linux")]
    script::run_in_time();
    full_program::start()
}
