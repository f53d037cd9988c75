//! SHA-256 and the encodings of text.
use super::content;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use rquickjs::{Ctx, Function, Object, Result, TypedArray};
use sha2::{Digest, Sha256};

pub fn add<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    type Bytes<'js> = TypedArray<'js, u8>;
    macro_rules! function {
        ($name:literal, $call:expr) => {
            host.set($name, Function::new(ctx.clone(), $call)?)?;
        };
    }
    function!(
        "sha256",
        |ctx: Ctx<'js>, bytes: Bytes<'js>| TypedArray::new(
            ctx,
            Sha256::digest(content(&bytes)).to_vec()
        )
    );
    function!(
        "hmacSha256",
        |ctx: Ctx<'js>, key: Bytes<'js>, bytes: Bytes<'js>| {
            let mut mac = Hmac::<Sha256>::new_from_slice(content(&key))
                .expect("HMAC takes a key of any length");
            mac.update(content(&bytes));
            TypedArray::new(ctx, mac.finalize().into_bytes().to_vec())
        }
    );
    function!("encode", |ctx: Ctx<'js>, text: String| TypedArray::new(
        ctx,
        text.into_bytes()
    ));
    function!("decode", |bytes: Bytes<'js>| String::from_utf8_lossy(
        content(&bytes)
    )
    .into_owned());
    function!("hex", |bytes: Bytes<'js>| HEXLOWER.encode(content(&bytes)));
    function!("base64url", |bytes: Bytes<'js>| BASE64URL_NOPAD
        .encode(content(&bytes)));
    Ok(())
}
