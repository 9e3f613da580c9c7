//! Passwords are typed unseen, or come from standard input: an argument could be seen by everybody on the machine.

use std::io::{BufRead, IsTerminal};

use crate::error::{Error, Result, invalid};
use crate::intake::account;

/// A new password: asked for twice at a terminal, else the first line of standard input.
pub fn new_password() -> Result<String> {
    let unread = |e| Error::Store(format!("no password could be read: {e}"));
    let stdin = std::io::stdin();
    let password = if stdin.is_terminal() {
        let ask = |what| rpassword::prompt_password(what).map_err(unread);
        let first = ask("Password: ")?;
        if ask("Once more: ")? != first {
            return Err(invalid("password", "", "was not typed the same twice"));
        }
        first
    } else {
        let mut line = String::new();
        stdin.lock().read_line(&mut line).map_err(unread)?;
        line.trim_end_matches(['\n', '\r']).to_owned()
    };
    account::password(&password)?;
    Ok(password)
}
