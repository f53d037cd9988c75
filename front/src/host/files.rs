//! Files and folders.
use super::{content, failure};
use crate::full_program;
use rquickjs::{BigInt, Ctx, Function, Object, Result, TypedArray};
use rustix::buffer::spare_capacity;
use rustix::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs;

type Outcome<T> = std::result::Result<T, Errno>;

pub fn add<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    let flags = Object::new(ctx.clone())?;
    for (name, flag) in [
        ("O_RDONLY", OFlags::RDONLY),
        ("O_WRONLY", OFlags::WRONLY),
        ("O_RDWR", OFlags::RDWR),
        ("O_APPEND", OFlags::APPEND),
        ("O_CREAT", OFlags::CREATE),
        ("O_EXCL", OFlags::EXCL),
        ("O_NOFOLLOW", OFlags::NOFOLLOW),
        ("O_NONBLOCK", OFlags::NONBLOCK),
    ] {
        flags.set(name, flag.bits())?;
    }
    host.set("openFlags", flags)?;
    macro_rules! function {
        ($name:literal, $call:expr) => {
            host.set($name, Function::new(ctx.clone(), $call)?)?;
        };
    }
    function!("open", |ctx: Ctx<'js>,
                       path: String,
                       flags: u32,
                       mode: u32| thrown(
        &ctx,
        open(&path, flags, mode)
    ));
    function!("close", |file: i32| drop(owned(file)));
    function!("read", |ctx: Ctx<'js>, file: i32, most: usize| {
        let bytes = thrown(&ctx, read(file, most))?;
        TypedArray::new(ctx, bytes)
    });
    function!(
        "write",
        |ctx: Ctx<'js>, file: i32, bytes: TypedArray<'js, u8>| {
            thrown(&ctx, write(file, content(&bytes)))
        }
    );
    function!("stat", |ctx: Ctx<'js>, path: String| stat(
        &ctx,
        rustix::fs::stat(path)
    ));
    function!("lstat", |ctx: Ctx<'js>, path: String| stat(
        &ctx,
        rustix::fs::lstat(path)
    ));
    function!("fstat", |ctx: Ctx<'js>, file: i32| stat(
        &ctx,
        rustix::fs::fstat(borrowed(file))
    ));
    function!("readlink", |ctx: Ctx<'js>, path: String| {
        let target = thrown(&ctx, rustix::fs::readlink(path, Vec::new()))?;
        Ok::<_, rquickjs::Error>(target.to_string_lossy().into_owned())
    });
    function!("realpath", |ctx: Ctx<'js>, path: String| {
        let real = fs::canonicalize(path)
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO));
        Ok::<_, rquickjs::Error>(thrown(&ctx, real)?.to_string_lossy().into_owned())
    });
    function!("checkWritable", |ctx: Ctx<'js>, path: String| {
        thrown(
            &ctx,
            rustix::fs::accessat(CWD, path, Access::WRITE_OK, AtFlags::empty()),
        )
    });
    function!("mkdir", |ctx: Ctx<'js>, path: String, mode: u32| {
        thrown(&ctx, rustix::fs::mkdir(path, Mode::from_raw_mode(mode)))
    });
    function!("readdir", |ctx: Ctx<'js>, path: String| thrown(
        &ctx,
        readdir(&path)
    ));
    function!("unlink", |ctx: Ctx<'js>, path: String| thrown(
        &ctx,
        rustix::fs::unlink(path)
    ));
    Ok(())
}

/// A pipe, a terminal or a device gives its content once, so the full program must be the one to read it.
fn open(path: &str, flags: u32, mode: u32) -> Outcome<i32> {
    let flags = OFlags::from_bits_retain(flags);
    if !flags.contains(OFlags::CREATE) {
        let found = rustix::fs::stat(path)?;
        if !matches!(
            FileType::from_raw_mode(found.st_mode),
            FileType::RegularFile | FileType::Directory
        ) {
            full_program::start();
        }
    }
    let file = rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::from_raw_mode(mode))?;
    if flags.contains(OFlags::EXCL) {
        full_program::note_claim(path);
    }
    Ok(file.into_raw_fd())
}

fn read(file: i32, most: usize) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::with_capacity(most);
    rustix::io::retry_on_intr(|| rustix::io::read(borrowed(file), spare_capacity(&mut bytes)))?;
    Ok(bytes)
}

/// Waits for a full pipe that does not block.
fn write(file: i32, mut bytes: &[u8]) -> Outcome<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    if file <= 2 {
        full_program::begin_answer();
    }
    let file = borrowed(file);
    while !bytes.is_empty() {
        match rustix::io::write(file, bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&file, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn stat<'js>(ctx: &Ctx<'js>, found: Outcome<Stat>) -> Result<Object<'js>> {
    let found = thrown(ctx, found)?;
    let raw = Object::new(ctx.clone())?;
    let number = |value: u64| BigInt::from_u64(ctx.clone(), value);
    let time = |seconds: i64, nanoseconds: u64| {
        BigInt::from_i64(ctx.clone(), seconds * 1_000_000_000 + nanoseconds as i64)
    };
    raw.set("mode", found.st_mode)?;
    raw.set("uid", found.st_uid)?;
    raw.set("gid", found.st_gid)?;
    raw.set("dev", number(found.st_dev)?)?;
    raw.set("ino", number(found.st_ino)?)?;
    raw.set("size", number(found.st_size as u64)?)?;
    raw.set(
        "mtimeNs",
        time(found.st_mtime as i64, found.st_mtime_nsec as u64)?,
    )?;
    raw.set(
        "ctimeNs",
        time(found.st_ctime as i64, found.st_ctime_nsec as u64)?,
    )?;
    Ok(raw)
}

fn readdir(path: &str) -> Outcome<Vec<String>> {
    let entries =
        fs::read_dir(path).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Ok(entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect())
}

fn borrowed<'fd>(file: i32) -> BorrowedFd<'fd> {
    // SAFETY: the script uses the numbers that open() returned until it closes them, and those of the standard streams.
    unsafe { BorrowedFd::borrow_raw(file) }
}

fn owned(file: i32) -> OwnedFd {
    // SAFETY: open() gave its ownership to the script, which closes each number once.
    unsafe { OwnedFd::from_raw_fd(file) }
}

fn thrown<T>(ctx: &Ctx, outcome: Outcome<T>) -> Result<T> {
    outcome.map_err(|errno| {
        let code = code_of(errno);
        failure(ctx, code, code)
    })
}

/// The names that the script distinguishes. Any other error is the full program's to report.
fn code_of(errno: Errno) -> &'static str {
    match errno {
        Errno::ACCESS => "EACCES",
        Errno::EXIST => "EEXIST",
        Errno::ISDIR => "EISDIR",
        Errno::LOOP => "ELOOP",
        Errno::NOENT => "ENOENT",
        Errno::NOTDIR => "ENOTDIR",
        Errno::PERM => "EPERM",
        Errno::ROFS => "EROFS",
        _ => full_program::start(),
    }
}
