//! Runs the script's modules in QuickJS.
use crate::{full_program, host};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Error, Module, Result, Runtime};

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

const ENTRY: &str = "main.js";

/// Returns only if the script neither answers nor hands over.
pub fn run() {
    if let Ok(runtime) = Runtime::new() {
        let _ = evaluate(&runtime);
        while let Ok(true) = runtime.execute_pending_job() {}
    }
}

fn evaluate(runtime: &Runtime) -> Result<()> {
    // The script allocates little and ends soon.
    runtime.set_gc_threshold(usize::MAX);
    runtime.set_loader(Modules, Modules);
    let context = Context::full(runtime)?;
    context.with(|ctx| {
        ctx.globals().set("system", host::object(&ctx)?)?;
        let (_, evaluated) = Modules.load(&ctx, ENTRY, None)?.eval()?;
        if evaluated.state() == rquickjs::promise::PromiseState::Rejected {
            full_program::start();
        }
        Ok::<_, Error>(())
    })?;
    while runtime.execute_pending_job().unwrap_or(false) {}
    Ok(())
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
