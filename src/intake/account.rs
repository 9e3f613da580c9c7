//! Accounts as they are given, on the command line or as JSON: valid ones, or an error that names field, value and reason.
//! A password is never shown in an error.

use utoipa::ToSchema;

use super::json::{Fields, parse, short_name};
use crate::error::{Result, invalid};
use crate::hazard::workflow::Role;

const LONGEST_LOGIN_CHARS: usize = 64;
const LONGEST_NAME_CHARS: usize = 100;
const LONGEST_UNIT_CHARS: usize = 100;
const MOST_AREAS: usize = 1_000;
const LONGEST_AREA_CHARS: usize = 200;
/// OWASP ASVS 4.0, 2.1.1 and 2.1.2.
const SHORTEST_PASSWORD_CHARS: usize = 12;
const LONGEST_PASSWORD_CHARS: usize = 128;
const PASSWORD: &str = "password";

/// Somebody who is to have an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub unit: Option<String>,
    pub areas: Vec<String>,
}

/// An account as it is posted; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"login": "li.lei", "name": "李雷", "role": "grid_worker", "unit": "grid_7",
    "password": "eight pumps on the pier"}))]
pub struct PostedAccount {
    /// At most 64 of a-z, 0-9, _, - and .
    login: String,
    /// As others see him: at most 100 characters.
    name: String,
    role: Role,
    /// A short name of a-z, 0-9, _, - and . only; a department needs one.
    unit: Option<String>,
    /// Ids of the areas to which his rights are bounded; none: everywhere.
    areas: Option<Vec<String>>,
    /// 12 to 128 characters.
    password: String,
}

/// What is to be changed of an account; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"role": "department", "unit": "drainage"}))]
pub struct PostedChange {
    name: Option<String>,
    role: Option<Role>,
    /// null: none.
    unit: Option<String>,
    areas: Option<Vec<String>>,
    disabled: Option<bool>,
    /// A new password, which ends his sessions.
    password: Option<String>,
}

/// What to log in with; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"login": "wang.wei", "password": "seven pumps on the pier"}))]
pub struct PostedLogIn {
    login: String,
    password: String,
}

/// A new password; for the description of the API alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
#[schema(example = json!({"current": "seven pumps on the pier", "password": "nine pumps on the pier"}))]
pub struct PostedPassword {
    current: String,
    /// 12 to 128 characters.
    password: String,
}

/// What is to be changed of an account; nothing: it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub unit: Option<Option<String>>,
    pub areas: Option<Vec<String>>,
    pub disabled: Option<bool>,
    pub password: Option<String>,
}

impl NewAccount {
    /// A valid account.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong.
    pub fn new(login: &str, name: &str, role: Role, unit: Option<&str>, areas: Vec<String>) -> Result<NewAccount> {
        has_unit(role, unit)?;
        Ok(NewAccount {
            login: self::login(login)?,
            name: self::name(name)?,
            role,
            unit: unit.map(self::unit).transpose()?,
            areas: self::areas(areas)?,
        })
    }

    /// Reads the body of a POST, with the first password.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong.
    pub fn parse(body: &[u8]) -> Result<(NewAccount, String)> {
        let body = parse(body)?;
        let fields = Fields::of(&body, "body", "", &["login", "name", "role", "unit", "areas", PASSWORD])?;
        let needed = |name, most| fields.text(name, most)?.ok_or_else(|| fields.missing(name));
        let role = fields.one_of("role", &roles())?.ok_or_else(|| fields.missing("role"))?;
        let unit = fields.text("unit", LONGEST_UNIT_CHARS)?;
        let areas = fields.texts("areas")?.unwrap_or_default();
        let (login, name) = (needed("login", usize::MAX)?, needed("name", usize::MAX)?);
        let new = NewAccount::new(&login, &name, role, unit.as_deref(), areas)?;
        Ok((new, posted_password(&fields, PASSWORD)?))
    }
}

impl Change {
    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// `Invalid` with the first field that is wrong, or where nothing is to be changed.
    pub fn parse(body: &[u8]) -> Result<Change> {
        let body = parse(body)?;
        let fields = Fields::of(&body, "body", "", &["name", "role", "unit", "areas", "disabled", PASSWORD])?;
        let unit = fields.text("unit", LONGEST_UNIT_CHARS)?.as_deref().map(unit).transpose()?;
        let change = Change {
            name: fields.text("name", usize::MAX)?.as_deref().map(name).transpose()?,
            role: fields.one_of("role", &roles())?,
            unit: fields.has("unit").then_some(unit),
            areas: fields.texts("areas")?.map(areas).transpose()?,
            disabled: fields.flag("disabled")?,
            password: fields.get(PASSWORD).map(|_| posted_password(&fields, PASSWORD)).transpose()?,
        };
        if change == Change::default() {
            return Err(invalid("body", "", "changes nothing"));
        }
        Ok(change)
    }
}

/// Reads the body of a login: login and password. Whether there are such is not judged here.
///
/// # Errors
/// `Invalid` with the first field that is wrong.
pub fn log_in(body: &[u8]) -> Result<(String, String)> {
    let body = parse(body)?;
    let fields = Fields::of(&body, "body", "", &["login", PASSWORD])?;
    let login = fields.text("login", LONGEST_LOGIN_CHARS)?.ok_or_else(|| fields.missing("login"))?;
    Ok((login.trim().to_ascii_lowercase(), as_it_is(&fields, PASSWORD)?))
}

/// Reads the body of a change of one's own password: the one that holds, and the new one.
///
/// # Errors
/// `Invalid` with the first field that is wrong.
pub fn own_password(body: &[u8]) -> Result<(String, String)> {
    let body = parse(body)?;
    let fields = Fields::of(&body, "body", "", &["current", PASSWORD])?;
    Ok((as_it_is(&fields, "current")?, posted_password(&fields, PASSWORD)?))
}

/// May this be a password? Any characters; long is what counts.
///
/// # Errors
/// `Invalid`, without the password.
pub fn password(text: &str) -> Result<()> {
    let chars = text.chars().count();
    if (SHORTEST_PASSWORD_CHARS..=LONGEST_PASSWORD_CHARS).contains(&chars) {
        return Ok(());
    }
    let reason = format!("{chars} characters; {SHORTEST_PASSWORD_CHARS} to {LONGEST_PASSWORD_CHARS} are taken");
    Err(invalid(PASSWORD, "", reason))
}

/// A valid login.
///
/// # Errors
/// `Invalid`.
pub fn login(text: &str) -> Result<String> {
    short_name("login", text, "li.lei")?;
    within("login", text, LONGEST_LOGIN_CHARS)
}

fn name(text: &str) -> Result<String> {
    if text.chars().any(char::is_control) {
        return Err(invalid("name", text, "has a control character, such as a line break"));
    }
    within("name", text.trim(), LONGEST_NAME_CHARS)
}

/// Has an account of this role the unit that it needs? A department is given what was sent to its unit.
///
/// # Errors
/// `Invalid` for a department without one.
pub fn has_unit(role: Role, unit: Option<&str>) -> Result<()> {
    match (role, unit) {
        (Role::Department, None) => {
            Err(invalid("unit", "", "missing: a department is given what was sent to its unit, such as drainage"))
        }
        _ => Ok(()),
    }
}

/// The id of a unit.
///
/// # Errors
/// `Invalid`.
pub fn unit(text: &str) -> Result<String> {
    short_name("unit", text, "drainage or grid_7")?;
    within("unit", text, LONGEST_UNIT_CHARS)
}

fn areas(ids: Vec<String>) -> Result<Vec<String>> {
    if ids.len() > MOST_AREAS {
        return Err(invalid("areas", ids.len(), format!("at most {MOST_AREAS} are taken")));
    }
    ids.iter().try_for_each(|id| within("areas", id, LONGEST_AREA_CHARS).map(drop))?;
    Ok(ids)
}

fn within(field: &str, text: &str, most_chars: usize) -> Result<String> {
    if (1..=most_chars).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    Err(invalid(field, text, format!("1 to {most_chars} characters are taken")))
}

fn posted_password(fields: &Fields, field: &'static str) -> Result<String> {
    let text = as_it_is(fields, field)?;
    password(&text).map(|()| text)
}

/// A password, whether or not it may be one; not shown in an error.
fn as_it_is(fields: &Fields, field: &'static str) -> Result<String> {
    let value = fields.get(field).ok_or_else(|| fields.missing(field))?;
    let text = value.as_str().ok_or_else(|| invalid(field, "", "not a string"))?;
    if text.chars().count() > LONGEST_PASSWORD_CHARS {
        return Err(invalid(field, "", format!("more than {LONGEST_PASSWORD_CHARS} characters")));
    }
    Ok(text.to_owned())
}

fn roles() -> Vec<(&'static str, Role)> {
    Role::ALL.iter().map(|role| (role.name(), *role)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn what_is_wrong_with_an_account_is_named_and_no_password_is_shown() {
        for (body, field, part) in [
            (r#"{"login": "li", "name": "Li", "password": "long enough to be"}"#, "role", "missing"),
            (r#"{"login": "li", "name": "Li", "role": "king", "password": "x"}"#, "role", "known are reporter"),
            (r#"{"name": "Li", "role": "planner", "password": "long enough to be"}"#, "login", "missing"),
            (r#"{"login": "Li Lei", "name": "Li", "role": "planner"}"#, "login", "a-z"),
            (r#"{"login": "li", "name": "L\ni", "role": "planner"}"#, "name", "control character"),
            (
                r#"{"login": "li", "name": "Li", "role": "planner", "areas": ["a", 7]}"#,
                "areas",
                "not a list of strings",
            ),
            (r#"{"login": "li", "name": "Li", "role": "planner", "areas": [""]}"#, "areas", "1 to 200"),
            (r#"{"login": "li", "name": "Li", "role": "planner", "unit": "Big Unit"}"#, "unit", "a-z"),
            (r#"{"login": "li", "name": "Li", "role": "planner"}"#, "password", "missing"),
            (r#"{"login": "li", "name": "Li", "role": "planner", "password": "hunter2"}"#, "password", "7 characters"),
            (r#"{"login": "li", "name": "Li", "role": "planner", "password": 4711}"#, "password", "not a string"),
        ] {
            let Err(Error::Invalid { field: named, value, reason }) = NewAccount::parse(body.as_bytes()) else {
                panic!("{body} was taken")
            };
            assert!(named == field && reason.contains(part), "{body}: {named}: {reason}");
            assert!(field != "password" || value.is_empty(), "{value}");
        }
    }

    #[test]
    fn a_change_says_what_is_to_be_another_and_what_is_to_be_none() {
        let change = |body: &str| Change::parse(body.as_bytes());
        assert_eq!(change(r#"{"unit": null}"#).unwrap(), Change { unit: Some(None), ..Change::default() });
        let areas = Change { areas: Some(vec![]), disabled: Some(true), ..Change::default() };
        assert_eq!(change(r#"{"areas": [], "disabled": true}"#).unwrap(), areas);
        assert!(change("{}").unwrap_err().to_string().contains("changes nothing"));
        assert!(change(r#"{"login": "other"}"#).unwrap_err().to_string().contains("unknown field"));
    }

    #[test]
    fn a_login_is_taken_in_any_case_and_a_password_as_it_is() {
        let body = r#"{"login": " Li.Lei ", "password": " short"}"#;
        assert_eq!(log_in(body.as_bytes()).unwrap(), ("li.lei".into(), " short".into()));
        let long = format!(r#"{{"login": "li", "password": "{}"}}"#, "x".repeat(129));
        assert!(!log_in(long.as_bytes()).unwrap_err().to_string().contains("xxx"));
        let own = own_password(r#"{"current": "x", "password": "一二三四五六七八九十一二"}"#.as_bytes()).unwrap();
        assert_eq!(own.1.chars().count(), 12);
    }
}
