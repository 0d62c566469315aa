// Runs before Chainlit's bundle (config.toml: a module, as the bundle is, and before it in the page). It
// prepares what the bundle reads, and adds to the page what its settings cannot. One file a concern.
import "./page/base/wire.js"; // first: the bundle must find our WebSocket
import "./page/base/language.js"; // likewise
import "./page/base/dollars.js"; // likewise
import "./page/theme.js";
import "./page/names.js";
import "./page/study.js";
import "./page/address.js";
import "./page/formulas/sheet.js";
import "./page/direction.js";
import "./page/scrolled.js";
import "./page/end.js";
import "./page/said.js";
import "./page/earlier.js";
import "./page/who.js";
import "./page/newest.js";
import "./page/connection.js";
import "./page/draft.js";
import "./page/delivery.js";
import "./page/ended.js";
import "./page/stages.js"; // before what takes the limits for itself
import "./page/limits.js";
import "./page/typing.js";
import "./page/edits.js";
import "./page/composer.js";
import "./page/keyboard.js";
import "./page/attachments.js";
import "./page/forms/forms.js";
import "./page/pressed.js";
import "./page/turns/bars.js";
import "./page/turns/changing.js";
import "./page/turns/beneath.js";
import "./page/intents/lines.js";
import "./page/intents/now.js";
import "./page/sidebar/list.js";
import "./page/sidebar/drawer.js";
import "./page/sidebar/rows.js";
import "./page/sidebar/flip.js";
import "./page/sidebar/tags.js";
import "./page/sidebar/search.js";
import "./page/sidebar/foot.js";
import "./page/formulas/copied.js"; // last: what the others hear is what was said, and Chainlit's page what it can draw
