// Subscripts and slices; positions in Swift source are 0-based.

extension Vector {
  /// The element at a 0-based position.
  public subscript(position: Int) -> Real { Real(term: Term(.element(term, position))) }

  /// For each row of an index column the element that it names.
  public subscript(indices: Indices) -> Vector {
    Vector(term: Term(.gather(term, indices.term)))
  }

  /// From one 0-based position to before another.
  public subscript(range: Range<Int>) -> Vector {
    Vector(term: Term(.slice(term, range.lowerBound, range.upperBound)))
  }

  /// From one 0-based position to another.
  public subscript(range: ClosedRange<Int>) -> Vector {
    Vector(term: Term(.slice(term, range.lowerBound, range.upperBound + 1)))
  }

  /// From a 0-based position to the end.
  public subscript(range: PartialRangeFrom<Int>) -> Vector {
    Vector(term: Term(.slice(term, range.lowerBound, nil)))
  }

  /// From the start to before a 0-based position.
  public subscript(range: PartialRangeUpTo<Int>) -> Vector {
    Vector(term: Term(.slice(term, 0, range.upperBound)))
  }
}

extension Counts {
  /// The element at a 0-based position.
  public subscript(position: Int) -> Count { Count(term: Term(.element(term, position))) }

  /// From one 0-based position to before another.
  public subscript(range: Range<Int>) -> Counts {
    Counts(term: Term(.slice(term, range.lowerBound, range.upperBound)))
  }

  /// From a 0-based position to the end.
  public subscript(range: PartialRangeFrom<Int>) -> Counts {
    Counts(term: Term(.slice(term, range.lowerBound, nil)))
  }

  /// For each row of an index column the element that it names.
  public subscript(indices: Indices) -> Counts {
    Counts(term: Term(.gather(term, indices.term)))
  }
}

extension Indices {
  /// From one 0-based position to before another.
  public subscript(range: Range<Int>) -> Indices {
    Indices(term: Term(.slice(term, range.lowerBound, range.upperBound)))
  }

  /// From a 0-based position to the end.
  public subscript(range: PartialRangeFrom<Int>) -> Indices {
    Indices(term: Term(.slice(term, range.lowerBound, nil)))
  }

  /// The index column of an index column: the county of each house's street.
  public subscript(indices: Indices) -> Indices {
    Indices(term: Term(.gather(term, indices.term)))
  }
}

extension Matrix {
  /// The entry at a 0-based row and column.
  public subscript(row: Int, column: Int) -> Real { Real(term: Term(.entry(term, row, column))) }

  /// A row by its 0-based position.
  public func row(_ position: Int) -> Vector { Vector(term: Term(.row(term, position))) }

  /// A column by its 0-based position.
  public func column(_ position: Int) -> Vector { Vector(term: Term(.column(term, position))) }

  /// For each row of an index column the row of the matrix that it names.
  public subscript(indices: Indices) -> Matrix {
    Matrix(term: Term(.gatherRows(term, indices.term)))
  }

  /// For each row of two columns of indices or labels the entry that they name.
  public subscript(rows: some LabelColumn, columns: some LabelColumn) -> Vector {
    Vector(term: Term(.gatherEntries(term, rows.term, columns.term)))
  }
}
