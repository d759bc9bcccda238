/** RFC 3339 in whole seconds, as Kubernetes writes metav1.Time. @param milliseconds since 1970 */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
