// oops2: the same under another name.
import './oops.ts'
