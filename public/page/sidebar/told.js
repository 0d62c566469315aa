// How a thread is called, and when something was.
import { data, t } from "../base/data.js";

const DAY_S = 86_400;
const UNITS = [["day", DAY_S], ["hour", 3_600], ["minute", 60]];
const ago = new Intl.RelativeTimeFormat(data.language, { numeric: "auto", style: "narrow" });
const date = new Intl.DateTimeFormat(data.language, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(data.language, { dateStyle: "long", timeStyle: "short" });

export const titleOf = (row) => row?.name || t("row_untitled");

// "5 min. ago"; after a week the date.
export function when(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  if (seconds >= 7 * DAY_S) return date.format(new Date(moment));
  const unit = UNITS.find(([, length]) => seconds >= length);
  return unit ? ago.format(-Math.floor(seconds / unit[1]), unit[0]) : t("row_now");
}

export const moment = (text) => whole.format(new Date(text));
