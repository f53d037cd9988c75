//! The functions that the script calls: each asks the system once. script/host.ts declares them.
mod bytes;
mod files;
mod keyring;

use crate::full_program;
use rquickjs::{Array, Ctx, Exception, Function, Object, Result, TypedArray};
use std::env;
use std::process::exit;

pub fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    process(ctx, &host)?;
    files::add(ctx, &host)?;
    bytes::add(ctx, &host)?;
    keyring::add(ctx, &host)?;
    Ok(host)
}

fn process<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set(
        "handOver",
        Function::new(ctx.clone(), || -> () { full_program::start() })?,
    )?;
    host.set(
        "exit",
        Function::new(ctx.clone(), |code: i32| -> () { exit(code) })?,
    )?;
    let args = Array::new(ctx.clone())?;
    for (index, arg) in env::args_os().skip(1).enumerate() {
        args.set(index, &*arg.to_string_lossy())?;
    }
    host.set("args", args)?;
    let variables = Object::new(ctx.clone())?;
    for (name, value) in full_program::variables() {
        variables.set(&*name.to_string_lossy(), &*value.to_string_lossy())?;
    }
    host.set("env", variables)?;
    let program = env::current_exe().unwrap_or_else(|_| full_program::start());
    host.set("program", &*program.to_string_lossy())?;
    host.set("platform", "linux")?;
    host.set(
        "arch",
        if cfg!(target_arch = "x86_64") {
            "x64"
        } else {
            "arm64"
        },
    )?;
    host.set("pid", rustix::process::getpid().as_raw_nonzero().get())?;
    host.set(
        "ppid",
        rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get()),
    )?;
    host.set("euid", rustix::process::geteuid().as_raw())?;
    let cwd = |ctx: Ctx<'js>| match env::current_dir() {
        Ok(path) => Ok(path.to_string_lossy().into_owned()),
        Err(_) => Err(failure(&ctx, "ENOENT", "ENOENT")),
    };
    host.set("cwd", Function::new(ctx.clone(), cwd)?)
}

/// An error of JavaScript with a code.
fn failure(ctx: &Ctx, code: &str, message: &str) -> rquickjs::Error {
    let thrown = Exception::from_message(ctx.clone(), message).and_then(|exception| {
        exception.as_object().set("code", code)?;
        Ok(ctx.throw(exception.into_value()))
    });
    thrown.unwrap_or_else(|error| error)
}

fn content<'a>(bytes: &'a TypedArray<'_, u8>) -> &'a [u8] {
    // SAFETY: no script runs while a function of the host has the bytes, so nothing changes or frees them.
    unsafe { bytes.as_bytes() }.unwrap_or_default()
}
