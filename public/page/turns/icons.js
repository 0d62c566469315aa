// The pictures of the actions under a message.
export const ICONS = {
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  copied: ["M4 12l5 5L20 6"],
  good: ["M7 11v9H4v-9z", "M7 11l3.6-7c1.6 0 2.7 1.2 2.5 2.8L12.6 10h5.6c1.2 0 2 1 1.8 2.2l-1.2 6.2c-.2.9-1 1.6-1.9 1.6H7"],
  bad: ["M17 13V4h3v9z", "M17 13l-3.6 7c-1.6 0-2.7-1.2-2.5-2.8l.5-3.2H5.8c-1.2 0-2-1-1.8-2.2l1.2-6.2C5.4 4.7 6.2 4 7.1 4H17"],
  bookmark: ["M6 4h12v16l-6-4.5L6 20z"],
  again: ["M19.5 9A8 8 0 1 0 20 13", "M20 4v5h-5"],
  before: ["M14.5 6l-6 6 6 6"],
  after: ["M9.5 6l6 6-6 6"],
};
