//! Where a place begins and ends.

use serde::Deserialize;

use super::{Chars, Words};

/// A place that is named twice.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Again {
    /// After a place: all of it.
    pub both_ends: Words,
    pub inside: Chars,
    /// Before a name: another is called so.
    pub another: Chars,
    /// A street without its kind, and the crossing that it is called by.
    pub crossing: Words,
    pub crossing_of: Words,
}

/// Divisions in front of a place.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Divisions {
    pub kind: Chars,
    pub district: Chars,
    pub city: char,
    /// In a city alone.
    pub seat: Words,
    /// Between a division and the place.
    pub gap: Chars,
    pub sub_district: Words,
    /// 沿江大道镇平路段 is of no town.
    pub big_road: Words,
    /// A road after a district begins with none of these: 大英山东四路, 友谊南四里, 天山路.
    pub no_first: Chars,
    /// After a division: no place.
    pub no_place: Chars,
    /// After a district without its kind: no place by itself.
    pub no_landmark: Chars,
    pub way: Words,
    /// Begin so and are no end of a road's name: 哈尔滨道外区.
    pub no_way: Words,
    pub ring: char,
    /// Of these alone no name is made.
    pub no_name: Chars,
    pub station: Words,
    /// Roads of no other name, with more of the place after them.
    pub own_road: Words,
}

/// Where a name ends.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Edges {
    /// In parentheses before an item: what has become of it.
    pub states: Words,
    /// After a number: where it is on a road.
    pub kilometre: Words,
    /// Before the number of a house; after it, where it is none.
    pub numbered: Chars,
    pub no_house: Chars,
    /// Before a distance, in it and after it.
    pub about: Chars,
    pub count: Chars,
    pub after_distance: Words,
    /// Before the number of a road with a stake, between two stakes and after them.
    pub roads: Chars,
    pub to: Chars,
    pub stretch: Chars,
    /// The side that lanes are on.
    pub lane_side: Words,
    /// Between a river or an office and what it does.
    pub of_now: Chars,
    /// A part of a river, and what is said of it and of no street.
    pub stretch_of: char,
    pub level: Words,
    /// After a number: no name goes on over it.
    pub units: Words,
    pub spans: Words,
    /// 机床厂红绿灯那里: where it is, and nothing is wrong with it.
    pub light: Words,
    pub after_light: Chars,
    /// 亲水大街
    pub great_water: Words,
    pub great_road: Chars,
    /// 白水塘小区: before a building.
    pub pool: Chars,
    pub flood: Words,
    /// A road is called after it: 大坑路.
    pub roads_of: Chars,
}

/// Whether a name goes on.
#[derive(Deserialize)]
pub(in crate::intake::text) struct GoesOn {
    /// "All the way", and the end of a road's name.
    pub first_road: Words,
    pub one_character: Words,
    /// 三水道, 普济河道: ends of a road's name, what stands before one that is a water, and after one that is a road.
    pub water_way: Words,
    pub river_way: Words,
    pub no_water_way: Chars,
    pub after_water_way: Words,
    pub after_way: Words,
    pub district: Chars,
}

/// Names that were joined.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Joined {
    /// After two roads that make one crossing.
    pub there: Words,
    /// What says that two were meant.
    pub each: Words,
    pub all: Chars,
    pub both: Words,
    pub from: char,
}

/// What was learnt from answered messages.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Learnt {
    /// Around a road that something is done on: 对海府路实行封闭.
    pub on: char,
    pub pointed_at: Chars,
    pub carried_out: Words,
    /// "正对海府路积水强排": before such a road, and in what is said of it.
    pub done_before: Words,
    /// After a street: of it.
    pub of_a_street: Words,
    /// Between a street and who can pass: 可缓慢通行.
    pub before_passing: Chars,
    /// Ends what is under or over streets.
    pub under_a_street: Words,
    pub pumped: Words,
    /// "3处", after the last of a list.
    pub count: Chars,
    pub counted: Chars,
    /// Before a name, and no part of it: 仅海府路.
    pub before: Words,
    /// Between two English roads of a list.
    pub listed: Words,
}

/// Place phrases.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Place {
    /// No name that no mark ends has one of these.
    pub never: Chars,
    /// 矿工路中兴路口: the next name begins with the second character.
    pub middle: Words,
    pub on_a_road: Words,
    pub deck: Words,
    /// 银海路人民医院: the road ends within the first.
    pub people: Words,
    pub after_people: Chars,
    pub railway: Words,
    pub ways: Words,
    /// After a side that belongs to the name: 南门附近有积水.
    pub there_is: char,
    /// 天鹅湖路过来: the road ends within the first.
    pub passed: Words,
    pub after_passed: Chars,
    pub belongs: Words,
    /// Before the number of a road, and letters that the number begins with.
    pub classed: Words,
    pub letters: Chars,
    /// "刚过二环北路": somebody came by.
    pub just: Chars,
    pub by: char,
    /// "22时起海府路封闭"
    pub hours: Words,
    pub since: char,
    /// No lead is within these names: 从化, 沿河路.
    pub from: Words,
    pub from_no: Words,
    pub along: Words,
    pub along_no: Chars,
    /// Between two streets that cross.
    pub cross: Words,
    pub kilometre: Words,
    /// After a road: nothing that belongs to its name.
    pub no_tail: Chars,
    pub no_tail_end: char,
    /// In parentheses: one way of a road; with a number, where a road is named with it.
    pub one_way: Chars,
    pub with_number: Chars,
}

/// A stretch of a street.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Stretch {
    /// Before the first cross street and between the two; the first that fits.
    pub between: Vec<[String; 2]>,
    /// 海秀路段 is 海秀路 with 段; 海秀路东 is a side of it.
    pub after_road: Chars,
    /// After what is before it, with which no street begins.
    pub sides: Words,
    /// Between the street and the first cross street.
    pub from: Chars,
    pub both: Words,
}

/// What is built like a place and names none.
#[derive(Deserialize)]
pub(in crate::intake::text) struct Unplaced {
    pub all: char,
    pub direction: Words,
    /// Between the advice and the way round, and between two of them.
    pub by_way: Chars,
    pub listed: Words,
    pub city: char,
    pub street: char,
    pub district: char,
    /// "走中山大道吧", and what stands before the first where nobody goes there.
    pub goes: char,
    pub then: Chars,
    pub goes_not: Chars,
    /// "关于海府路封闭的通告"
    pub about: Words,
    pub titles: Words,
    /// Ends what somebody does: "沿河堤防巡查继续进行".
    pub work: Words,
}
