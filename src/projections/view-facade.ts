/**
 * One stable object in front of a view that may be exchanged: callers keep `ledger.views.wins` for life, while a
 * rebuild puts a new model behind it.
 *
 * Where the view is an object, the facade is a Proxy that reads the newest view at each access; methods it hands out
 * look up their namesake at each call, so one that was taken off the view follows a rebuild, too. It is read-only.
 * A view that is a plain value (a number, a string) is handed out as it is.
 */

type Method = (...args: unknown[]) => unknown

/** A function that gives the facade of what `current` gives, always the same one while that is an object. */
export const viewFacade = <View>(current: () => View): (() => View) => {
  let facade: View | undefined
  return () => {
    const view = current()
    if (typeof view !== 'object' || view === null) return view
    facade ??= proxyOf(current as () => object, Array.isArray(view) ? [] : {}) as View
    return facade
  }
}

const refuse = (): never => {
  throw new TypeError('A view is read-only. What it shows is changed by events alone.')
}

const proxyOf = (current: () => object, target: object): object => {
  const methods = new Map<PropertyKey, Method>()
  const methodOf = (key: PropertyKey): Method => {
    const known = methods.get(key)
    if (known) return known
    const method: Method = (...args) => {
      const view = current()
      return (Reflect.get(view, key, view) as Method).apply(view, args)
    }
    methods.set(key, method)
    return method
  }
  return new Proxy(target, {
    get: (_, key) => {
      const view = current()
      const value: unknown = Reflect.get(view, key, view)
      // The methods of an array work through the proxy itself, and so cannot write.
      const isPlain = typeof value !== 'function' || key === 'constructor' || Array.isArray(view)
      return isPlain ? value : methodOf(key)
    },
    has: (_, key) => Reflect.has(current(), key),
    ownKeys: () => Reflect.ownKeys(current()),
    getPrototypeOf: () => Reflect.getPrototypeOf(current()),
    getOwnPropertyDescriptor: (at, key) => {
      const value: unknown = Reflect.get(current(), key)
      const found = Reflect.getOwnPropertyDescriptor(current(), key)
      if (!found) return undefined
      // A proxy may call a property fixed only where its own target has it fixed (the length of an array).
      const isFixed = Reflect.getOwnPropertyDescriptor(at, key)?.configurable === false
      return { value, writable: true, enumerable: found.enumerable ?? false, configurable: !isFixed }
    },
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    setPrototypeOf: refuse,
    preventExtensions: refuse,
  })
}
