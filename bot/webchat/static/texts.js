// The page's sentences, which the server put into it, and times as residents read them.

const texts = JSON.parse(document.body.dataset.texts);

/** The sentence `key` with its {parameters} filled in. */
export function say(key, params = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const dayAndClock = new Intl.DateTimeFormat(language, {
  timeZone: "Asia/Shanghai", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(language, { timeZone: "Asia/Shanghai", dateStyle: "short" });

/** A moment as people say it: the time alone when it was today. */
export function when(moment) {
  const today = day.format(moment) === day.format(new Date());
  return (today ? clock : dayAndClock).format(moment);
}
