// 各项分析的简体中文用语。

import type { Answers } from "./en_answers";

export const answers: Answers = {
  csv: "表格（CSV）",
  trend: {
    short: { new: "新增", worsening: "恶化", improving: "好转", dormant: "沉寂", steady: "平稳", insufficient_history: "无" },
    long: {
      new: "新增：观测时段的前三分之二没有发生",
      worsening: "正在恶化",
      improving: "正在好转",
      dormant: "沉寂：观测时段的后三分之一没有发生",
      steady: "平稳：变化不超出偶然",
      insufficient_history: "无法给出趋势",
    },
    why_none: { short: "<1 年", few: "过少", none: "无依据" },
    why_none_long: { short: "无趋势：观测不足一年", few: "无趋势：不足 5 次", none: "无趋势：缺少可比的基数" },
    none_yet: {
      short: (long) => `尚不能判断：数据只有 ${long}，至少需要一年。`,
      few: (_, few) => `尚不能判断：至少需要一年的数据和 ${few} 次，且其间一直有场次降雨或上报。`,
    },
    ask: "是否在恶化？",
    some: (all, worse, better) => `${all} 处中 ${worse} 处新增或恶化，${better} 处好转或沉寂。`,
  },
  works: {
    title: "整治是否见效？",
    none_loaded: "尚未导入整治工程。",
    told: (n, better, same, worse, open, why) =>
      `${n} 处有整治：${[[better, "处好转"], [same, "处无变化"], [worse, "处变差"], [open, `处尚不能判断${why && `（${why}）`}`]].filter(([k]) => k).map((part) => part.join(" ")).join("，")}。`,
    since: (day) => `自 ${day} 起；完成时间不明`,
  },
  criteria: {
    label: "采用谁的标准",
    none: "按上方规则",
    means: "列表采用谁的易涝点定义：上方所述的规则，或某城市的官方标准；选后者时，每处会注明是否符合。",
    disabled: (name) => `${name}（尚无城市确认）`,
    title: (name) => `按标准：${name}`,
    column: "按所选标准",
    verdict: { meets: "符合", fails: "不符合", cannot_be_judged: "无法判定" },
    because: { meets: () => "", fails: (on) => `：${on}`, cannot_be_judged: (of) => `：缺少${of}` },
    count: { meets: () => "处符合", fails: () => "处不符合", cannot_be_judged: () => "处无法判定" },
    on: { occasions: "次数", depth: "水深", duration: "历时", impassable: "无法通行的时长", area: "面积", length: "长度", claims: "保险理赔", underpass: "是否为下穿通道", road_category: "道路类别", years: "观测年数" },
    firmness: { official: "出自官方文本。", named_press: "据具名媒体报道，未见官方原文。", secondary_copy: "据转抄文本，未见官方原文。", own_text: "出自本市自己的文本。" },
    failed: "暂时无法判定各易涝点。",
  },
};
