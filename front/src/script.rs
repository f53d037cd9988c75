//! Runs the script's modules in QuickJS.
use crate::{full_program, host};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::promise::PromiseState;
use rquickjs::{Context, Ctx, Error, Module, Result, Runtime};
use std::thread;
use std::time::Duration;

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

const ENTRY: &str = "main.js";

/// A network drive that does not answer blocks a thread forever. The full program then has the message for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// As much as Node gives to a script, so that whatever one of them can read, the other can.
const SCRIPT_STACK: usize = 984 * 1024;
const WATCH_STACK: usize = 256 * 1024;

/// Returns if the script neither answers nor hands over.
pub fn run_in_time() {
    // Not the script: another thread than the first one has its memory from the system in very small parts.
    // Without another thread, which a limit of the system can refuse, the script runs unwatched: the full program would need more of them.
    let _ = thread::Builder::new().stack_size(WATCH_STACK).spawn(|| {
        thread::sleep(PATIENCE);
        full_program::start()
    });
    let _ = run();
}

fn run() -> Result<()> {
    let runtime = Runtime::new()?;
    runtime.set_max_stack_size(SCRIPT_STACK);
    // The process ends before its garbage matters.
    runtime.set_gc_threshold(usize::MAX);
    runtime.set_loader(Modules, Modules);
    Context::full(&runtime)?.with(|ctx| {
        ctx.globals().set("system", host::object(&ctx)?)?;
        let (_, evaluated) = Modules.load(&ctx, ENTRY, None)?.eval()?;
        if evaluated.state() == PromiseState::Rejected {
            return Err(Error::Unknown);
        }
        while ctx.execute_pending_job() {}
        Ok(())
    })
}

struct Modules;

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        _: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        Ok(name.trim_start_matches("./").to_owned())
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let Some((_, bytecode)) = MODULES.iter().find(|(known, _)| *known == name) else {
            full_program::start();
        };
        // SAFETY: build.rs wrote it with the same version of QuickJS, and it is part of this program.
        unsafe { Module::load(ctx.clone(), bytecode) }
    }
}
