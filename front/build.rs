//! Compiles the script's modules to bytecode, which the program loads in a fraction of the time that parsing takes.

/// The front for macOS and for Windows has no script, and is built on these systems.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(target_os = "linux")]
    script::compile()?;
    Ok(())
}

#[cfg(target_os = "linux")]
mod script {
    use rquickjs::loader::{BuiltinLoader, BuiltinResolver};
    use rquickjs::{CatchResultExt, Context, Module, Runtime, WriteOptions};
    use std::{env, error::Error, fs, path::Path};

    pub type Outcome<T> = Result<T, Box<dyn Error>>;

    pub fn compile() -> Outcome<()> {
        let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("target/script");
        println!("cargo:rerun-if-changed={}", folder.display());
        let out = env::var("OUT_DIR")?;
        let sources = sources(&folder)?;
        let mut table = String::from("pub const MODULES: &[(&str, &[u8])] = &[\n");
        for (name, _) in &sources {
            let path = Path::new(&out).join(format!("{name}.bytecode"));
            fs::write(&path, bytecode(name, &sources)?)?;
            table += &format!("    ({name:?}, include_bytes!({path:?})),\n");
        }
        table += "];\n";
        fs::write(Path::new(&out).join("modules.rs"), table)?;
        Ok(())
    }

    fn sources(folder: &Path) -> Outcome<Vec<(String, Vec<u8>)>> {
        let entries = fs::read_dir(folder).map_err(|error| {
            format!(
                "{}: {error}: scripts/build-front makes it",
                folder.display()
            )
        })?;
        let mut sources = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".js") {
                sources.push((name, fs::read(path)?));
            }
        }
        sources.sort();
        Ok(sources)
    }

    /// The compiler also asks for the modules that a module imports.
    fn bytecode(name: &str, sources: &[(String, Vec<u8>)]) -> Outcome<Vec<u8>> {
        let mut resolver = BuiltinResolver::default();
        let mut loader = BuiltinLoader::default();
        for (other, source) in sources {
            resolver.add_module(format!("./{other}"));
            resolver.add_module(other.clone());
            loader.add_module(other.clone(), source.clone());
            loader.add_module(format!("./{other}"), source.clone());
        }
        let source = sources
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, source)| source.clone());
        // Not strip_debug: import() reads the name of the module that it is in.
        let options = WriteOptions {
            strip_source: true,
            ..WriteOptions::default()
        };
        let runtime = Runtime::new()?;
        runtime.set_loader(resolver, loader);
        let context = Context::full(&runtime)?;
        context.with(|ctx| {
            Module::declare(ctx.clone(), name, source.unwrap_or_default())
                .and_then(|module| module.write(options))
                .catch(&ctx)
                .map_err(|error| format!("{name}: {error}").into())
        })
    }
}
