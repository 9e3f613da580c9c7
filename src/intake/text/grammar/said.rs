//! What is said of a place, of whom and of which.

use serde::Deserialize;

use super::{Chars, Words};

/// A speed that is not to be exceeded.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Limited {
    /// "限20码", "限时20码"
    pub short: Chars,
    pub when: char,
    pub fast: Words,
    /// "限速每小时20公里以下通行"
    pub long: Words,
    pub to: Chars,
    pub unit: Words,
    pub per_hour: Words,
    pub manner: Chars,
    pub verb: Words,
    pub carefully: Words,
}

/// Of whom and of which part of the road somebody says that it can be passed.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Vehicles {
    /// A phrase that begins so says itself that the large ones cannot, either: 公交也掉头了.
    pub large: Words,
    /// Right before what can be passed: that is not the place.
    pub other_ways: Words,
    /// In what a phrase says: so it is every day.
    pub as_ever: Words,
    /// A phrase that begins so tells what is, and forbids nothing.
    pub cannot: Words,
    /// A phrase that begins so says itself who cannot pass.
    pub nobody: Words,
    /// Before what is closed: it was open before.
    pub again: Words,
    /// "除大型货车外其余车辆"
    pub all_others: Words,
    /// Before a side road: it is of the name of the place.
    pub side_of: Words,
    /// Said of more than roads: of a road only beside what is shut there.
    pub shut: Words,
    /// Between two clauses: drivers are told something. But a phrase with 不 and none of the last tells what is.
    pub advised: Chars,
    pub not: char,
    pub forbidden: Chars,
    /// Between a phrase and the vehicles after it.
    pub for_whom: Words,
    /// Before and after large vehicles: even they.
    pub even_before: char,
    pub even_after: Chars,
    /// Large vehicles that "公交车辆无法通过" begins with.
    pub buses: Words,
    /// "除公交车外", "公交车以外的车辆"
    pub but_before: char,
    pub but_after: char,
    pub but: Words,
    pub but_others: Words,
    /// "小车别走，过不去": what the first clause said again, with what may stand between the two.
    pub same_verb: Chars,
    pub same_between: Chars,
    /// Between small vehicles and what they have to do.
    pub must: Chars,
    /// Around what is shut.
    pub shut_before: Chars,
    pub shut_after: Chars,
    /// Before the end of a side road; side roads, and with one of these after the phrase main roads, too.
    pub side_before: Chars,
    pub side_roads: Words,
    pub other_side: Words,
    pub side_and_main_roads: Words,
    /// Between what can be passed and how: "能过，慢点"; with the last it is advice.
    pub before_a_manner: Chars,
    pub advice: Words,
    /// "开得过，慢点走": drivers are told so.
    pub told: Words,
    /// Between two that are named in one breath.
    pub and: Words,
    /// A phrase with one of these is of the road, whatever vehicles there are.
    pub closes: Words,
    /// Around what is closed, and may be a lane.
    pub lane_before: Chars,
    pub lane_verb: Words,
    pub lane_after: Chars,
    /// Before what is closed: all of the road, but not with the second, which ends as one of the first does.
    pub all: Words,
    pub not_all: Words,
    /// In the clause of what is closed: a part of the road.
    pub part: Words,
    pub lane_of: Words,
    pub english_all: Words,
    /// Around what can be passed, and may be a lane.
    pub open_before: Chars,
    pub open_all: Chars,
    /// Before what can be passed: no lane alone is open.
    pub all_open: Words,
    /// In the clause of a lane that can be passed: it was shut before.
    pub was_shut: Words,
}

/// What holds of all that is said of who can pass.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Holds {
    /// In a clause: what it says is so now.
    pub now: Words,
    /// After what is said: it is not so.
    pub rumour_before: Chars,
    pub rumour: Words,
    /// After "慢行": somebody gets through.
    pub manner: Chars,
    pub through: Words,
    /// After what was so: until when.
    pub until: Chars,
    /// Before what drivers are told, and what it begins with.
    pub asks: Chars,
    pub please: char,
    /// A phrase with one of these says that one gets through.
    pub can: Chars,
    pub slow: Words,
    /// "刚骑过去": begins and ends what somebody did, and in the text: it is not shut.
    pub just: Words,
    pub by: Words,
    pub not_shut: Words,
    /// "请车辆小心通过" tells drivers what to do, where its clause has none of the second.
    pub careful: Words,
    pub slow_in: Chars,
    /// Before it: how the road is passed.
    pub keep_to: char,
}

/// Between vehicles that alone are let through.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Only {
    pub and: Words,
}

/// What phrases of passability are made of.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Made {
    pub not: Words,
    /// Nobody does so slowly.
    pub enters: char,
    pub can: Words,
}

/// What is said of a place that was named before.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Refers {
    /// Between the place and what is dry.
    pub dry_before: Chars,
    /// Begins what is dry, and is no part of what is spoken of.
    pub dry_begins: char,
    pub side: Words,
    pub main: Words,
    /// Before the first of all others, and lanes that are none of them.
    pub others: Chars,
    pub lanes: Words,
    /// 第二处
    pub nth: Chars,
    pub counted: Chars,
    /// Before a kind of place: one of the list.
    pub of_them: Words,
    /// Before the first two and the last: of the list.
    pub begins: Words,
    /// Between a kind of place and what is said of it.
    pub since: Words,
    pub said_before: Chars,
}

/// Which words are of which place.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Group {
    /// Before what is said of all items of a list; what begins so is said of all, too.
    pub all: Words,
    pub all_of_them: Chars,
    /// They are meant with these, too.
    pub of_all: Words,
    /// Around them.
    pub before_all: Chars,
    pub after_all: Chars,
    /// Before a place that is only named to find the one before.
    pub beside: Words,
    /// Begins how many of a list are left.
    pub left: Words,
    /// A warning of water.
    pub wet: Chars,
    /// After what a place is known for: 积水点.
    pub point: char,
    /// Between a count of places and what is said of them; counts from two on.
    pub before_counted: Chars,
    pub counts: Words,
    /// What a place of a list is known for.
    pub known_for: Words,
    /// Between two of a list.
    pub listed: Words,
    /// Between a road and a place on it.
    pub on_it: Words,
}

/// Headings of lists.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Headings {
    /// After what a heading says: what it is said of.
    pub kinds: Words,
    /// Beside them.
    pub beside: Words,
    /// Before the first of them, with no colon: "的路段有".
    pub lists: Words,
}
