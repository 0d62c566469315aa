// Chainlit's own elements, as its bundle draws them: what each is found by. Chainlit keeps none of this stable for
// others; it was tried on 2.12.0 (pyproject.toml pins it, page/patches.py refuses another). The file after a name is
// where in Chainlit's frontend/src the element is drawn. No other script writes these names
// (tests/house/test_chainlit_dom.py). Sheets must, since CSS imports no constants: after a new Chainlit,
// tests/browser/test_selectors.py says of scripts and sheets alike which selector finds nothing any more.

const one = (selector) => document.querySelector(selector);
const is = (node, selector) => node?.matches?.(selector) ?? false;

// ---- composer: components/chat/MessageComposer/
export const COMPOSER = "#message-composer"; // index.tsx
export const COMPOSER_PARTS = `${COMPOSER} > div`; // index.tsx: one of them holds the buttons
export const FIELD = "#chat-input"; // index.tsx: where one writes
export const SEND = "#chat-submit"; // SubmitButton.tsx
export const STOP = "#stop-button"; // SubmitButton.tsx: in the place of SEND while a reply grows
export const UPLOAD = "#upload-button, #upload-button-loading"; // UploadButton.tsx
export const ATTACHMENTS = "#attachments"; // Attachments.tsx
export const ATTACHED = `${ATTACHMENTS} > *`; // one file
export const ATTACHED_NAME = ".truncate"; // Attachment.tsx: in ATTACHED, and in an INLINE_FILE
export const UPLOADING = `${ATTACHMENTS} circle`; // how much of a file has gone

export const getComposer = () => one(COMPOSER);
export const getField = () => one(FIELD);
export const isField = (node) => is(node, FIELD);
export const isReplying = () => one(STOP) !== null;

// ---- first screen and header: components/chat/, components/header/
export const WELCOME = "#welcome-screen"; // chat/WelcomeScreen.tsx
export const WELCOME_COMPOSER = `${WELCOME} > ${COMPOSER}`;
export const WELCOME_PICTURE = `${WELCOME} img:not(.logo, ${ATTACHMENTS} img)`; // chat/WelcomeScreen.tsx: an agent's
export const STARTER = "#starters button"; // chat/Starters.tsx, chat/Starter.tsx
export const STARTER_WORDS = "#starters p"; // chat/Starter.tsx
export const LOGO = "img.logo[src*='theme=']"; // Logo.tsx
export const HEADER = "#header"; // header/index.tsx
export const AGENTS = "#chat-profiles"; // header/ChatProfiles.tsx
export const THEME_WORDS = "#theme-toggle .sr-only"; // header/ThemeToggle.tsx
export const NEW_CHAT = "#new-chat-button"; // header/NewChat.tsx

// ---- messages: components/chat/Messages/Message/. The .step of a message is nested as
// .step[data-step-type] > * > #step-<id>; stages/transcript/ draws earlier messages (earlier.js) with the same names.
export const STEP = ".step"; // index.tsx
export const OF_ANY_TYPE = "[data-step-type]"; // index.tsx: the same element as STEP
export const OF_PARTICIPANT = '[data-step-type="user_message"]';
export const OF_AGENT = '[data-step-type="assistant_message"]';
export const STEP_BODY = '[id^="step-"]'; // index.tsx
export const wordsOfStep = (type) => `[data-step-type="${type}"] [id="step-${type}"]`; // Step.tsx
export const EDIT = ".edit-message"; // UserMessage.tsx
export const EDIT_FIELD = "#edit-chat-input"; // UserMessage.tsx
export const CONFIRM_EDIT = ".confirm-edit"; // UserMessage.tsx
export const CANCEL_EDIT = "button:not(.confirm-edit)"; // UserMessage.tsx: beside CONFIRM_EDIT, without a name
export const SCROLLER = ".overflow-y-auto"; // chat/ScrollContainer.tsx: around all messages

const STEP_ID = "step-";
export const typeOf = (step) => step?.dataset.stepType;
export const getStepBody = (id) => document.getElementById(`${STEP_ID}${id}`);
export const idOfBody = (body) => body?.id.slice(STEP_ID.length);
// The step (message, reply) that an element stands in: its id in the record.
export const stepIdOf = (node) => idOfBody(node.closest(STEP_BODY)) ?? null;
export const isEditField = (node) => is(node, EDIT_FIELD);

// ---- what is said in a message: Message/Content/, components/Markdown.tsx, components/Elements/
export const CONTENT = ".message-content"; // Content/index.tsx
export const OUTPUT_WORDS = ".message-content .font-medium"; // Content/index.tsx
export const RAW_CODE_WORDS = ".message-content span.text-sm"; // components/CodeSnippet.tsx
export const PLAIN_CODE = "pre.whitespace-pre-wrap"; // components/Markdown.tsx, in CONTENT
export const FORMULA = ".katex"; // rehype-katex, as components/Markdown.tsx has it
export const FORMULA_IN_LINES = ".katex-display"; // likewise
export const FORMULA_WRONG = ".katex-error"; // likewise
export const INLINE_IMAGE = `${OF_PARTICIPANT} img.inline-image`; // Elements/Image.tsx
export const INLINE_FILE = ".inline-file"; // Elements/File.tsx

// ---- sidebar: components/ui/sidebar.tsx, components/LeftSidebar/
export const SIDEBAR = "[data-sidebar=sidebar]:not([data-mobile])"; // ui/sidebar.tsx: beside the conversation
export const DRAWER = "[data-sidebar=sidebar][data-mobile]"; // ui/sidebar.tsx: over it, on a phone
export const OPEN_DRAWER = `${DRAWER}[data-state=open]`;
export const SIDEBAR_CONTENT = "[data-sidebar=content]"; // ui/sidebar.tsx: what scrolls
export const SIDEBAR_TRIGGER = "#sidebar-trigger-button"; // header/SidebarTrigger.tsx
export const SEARCH = "#search-chats-button"; // LeftSidebar/Search.tsx
export const HISTORY = "#thread-history"; // LeftSidebar/ThreadHistory.tsx
export const HISTORY_MENU = `[data-sidebar=menu]:has(> ${HISTORY})`;
export const ROW = `${HISTORY} li[id^=thread-]`; // LeftSidebar/ThreadList.tsx
export const ROW_LINK = `${HISTORY} a`; // LeftSidebar/ThreadList.tsx
export const ROW_BUTTON = "[data-sidebar=menu-button]"; // ui/sidebar.tsx, in ROW_LINK

const ROW_ID = "thread-";
export const getRow = (id) => document.getElementById(`${ROW_ID}${id}`);
export const idOfRow = (row) => row.id.slice(ROW_ID.length);
export const getSidebarContent = () => one(SIDEBAR_CONTENT);

// ---- passing lines, over the page: components/ui/sonner.tsx
export const TOASTER = "[data-sonner-toaster]";
export const TOAST_WORDS = "[data-sonner-toast] [data-title]";

// ---- buttons that are a picture only: lucide-react's
export const COPY = "button:has(> svg.lucide-copy)"; // components/CopyButton.tsx
export const COPIED = "button:has(> svg.lucide-check)"; // likewise
export const GOOD = "button:has(> svg.lucide-thumbs-up)"; // Message/Buttons/FeedbackButtons.tsx
export const BAD = "button:has(> svg.lucide-thumbs-down)"; // likewise
export const TO_NEWEST = "button:has(> svg.lucide-arrow-down)"; // chat/ScrollContainer.tsx
