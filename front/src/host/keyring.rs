//! The kernel keyring, by the crates that @napi-rs/keyring is made of, so that both programs find each other's keys.
use super::failure;
use keyring_core::{Entry, Error};
use linux_keyutils_keyring_store::Store;
use rquickjs::{Ctx, Function, Object, Result};

pub fn add<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    macro_rules! function {
        ($name:literal, $call:expr) => {
            host.set($name, Function::new(ctx.clone(), $call)?)?;
        };
    }
    function!("joinKeyring", |ctx: Ctx<'js>| thrown(
        &ctx,
        entry("eks-x509", "probe").map(drop)
    ));
    function!("readKey", |ctx: Ctx<'js>,
                          service: String,
                          account: String| {
        thrown(
            &ctx,
            unless_absent(entry(&service, &account).and_then(|entry| entry.get_password())),
        )
    });
    function!("writeKey", |ctx: Ctx<'js>,
                           service: String,
                           account: String,
                           password: String| {
        thrown(
            &ctx,
            entry(&service, &account).and_then(|entry| entry.set_password(&password)),
        )
    });
    function!("deleteKey", |ctx: Ctx<'js>,
                            service: String,
                            account: String| {
        let deleted =
            unless_absent(entry(&service, &account).and_then(|entry| entry.delete_credential()));
        Ok::<_, rquickjs::Error>(thrown(&ctx, deleted)?.is_some())
    });
    Ok(())
}

type Outcome<T> = std::result::Result<T, Error>;

fn entry(service: &str, account: &str) -> Outcome<Entry> {
    use keyring_core::api::CredentialStoreApi;
    Store::new()?.build(service, account, None)
}

fn unless_absent<T>(outcome: Outcome<T>) -> Outcome<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The message is that of the native code, by which the script distinguishes failures. It holds no password.
fn thrown<T>(ctx: &Ctx, outcome: Outcome<T>) -> Result<T> {
    outcome.map_err(|error| failure(ctx, "", &error.to_string()))
}
